import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import type { Page } from "./reading";

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] };

/** What to look for: all there is by day, and by night what depends on colours, which is all that differs. */
const SCHEMES = {
  light: { resultTypes: ["violations"] },
  dark: { resultTypes: ["violations"], runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } },
} as const;

/** What axe finds on the page as it is now, by day and by night. */
export async function violations(page: Page): Promise<string[]> {
  await bringAxe(page);
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await atRest(page);
    const results: { violations: Violation[] } = await page.evaluate(`axe.run(${JSON.stringify(SCHEMES[colorScheme])})`);
    for (const { id, nodes } of results.violations) found.push(...nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary ?? ""}`));
  }
  return found;
}

/** Half a megabyte: once for each document. */
async function bringAxe(page: Page): Promise<void> {
  if (await page.evaluate(() => "axe" in globalThis)) return;
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
}

/** Wait until the page shows what it was told to: colours on their way are nobody's. */
async function atRest(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition)));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
