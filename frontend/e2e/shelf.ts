import type { Page } from "./reading";

/** As if it had been read without a network: something that is no recording. */
export async function keepTake(page: Page, sentence: string): Promise<void> {
  await page.evaluate(async (text) => {
    const account: { user: { id: number } } = JSON.parse(localStorage.getItem("sounditout.account") ?? "{}");
    const opening = indexedDB.open("sounditout", 1);
    await new Promise((resolve) => { opening.addEventListener("success", resolve); });
    const take = { requestId: `kept-${Date.now()}`, userId: account.user.id, sentence: text, audio: new Blob(["no sound"], { type: "audio/webm" }), recordedAt: Date.now() };
    const adding = opening.result.transaction("takes", "readwrite").objectStore("takes").put(take);
    await new Promise((resolve) => { adding.addEventListener("success", resolve); });
    opening.result.close();
  }, sentence);
}

/** How many takes wait in this browser. */
export async function keptTakes(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const opening = indexedDB.open("sounditout", 1);
    await new Promise((resolve) => { opening.addEventListener("success", resolve); });
    const counting = opening.result.transaction("takes").objectStore("takes").count();
    await new Promise((resolve) => { counting.addEventListener("success", resolve); });
    opening.result.close();
    return counting.result;
  });
}
