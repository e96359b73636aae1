import { callForBlob, type Caller } from "./http";

/** The text, said by the model voice; an MP3. */
export async function speak(words: string, caller: Caller): Promise<Blob> {
  return await callForBlob("/api/speech", { ...caller, method: "POST", body: { text: words } });
}
