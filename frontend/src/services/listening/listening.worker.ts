import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";

import { Listener } from "./listener";
import type { Answer, Numbered, Task } from "./messages";
import type { ClientHearing } from "./wordExtractor";

/** Listens beside the page, so that nothing on it stands still. One task after the other. */

env.wasm.numThreads = 1; // the page need not be isolated from others for one
env.wasm.proxy = false;

let listener: Listener | undefined;
let last: Promise<void> = Promise.resolve();

globalThis.addEventListener("message", ({ data }: MessageEvent<Numbered>) => {
  last = answerAfter(last, data);
});

async function answerAfter(before: Promise<void>, message: Numbered): Promise<void> {
  await before;
  globalThis.postMessage(await answer(message), {});
}

async function answer({ id, task }: Numbered): Promise<Answer> {
  try {
    return { id, ok: true, heard: await doTask(task) };
  } catch {
    return { id, ok: false };
  }
}

async function doTask(task: Task): Promise<ClientHearing | undefined> {
  if (task.type === "hear") return await listener?.hear(task.samples, task.words);
  env.wasm.wasmBinary = task.wasm.buffer;
  listener = await Listener.load({ InferenceSession, Tensor }, task.models);
  return undefined;
}
