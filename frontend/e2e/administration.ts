import { newAccount, enter, test as base, expect, type Account, type Page } from "./reading";
import type { Server } from "./server";

/** At a server whose rollout decides who uses the WebSocket, and has not begun. */
export const test = base.extend<{ home: Server }>({
  home: async ({ undecided }, use) => { await use(undecided); },
});

/** Somebody with a new account who may look after the server, on its page. */
export async function asAdmin(page: Page, server: Server): Promise<Account> {
  const account = newAccount();
  await page.goto("/sign-up?next=%2Foperations");
  await enter(page, account);
  await expect(page).toHaveURL("/operations");
  await server.command("admins", "add", account.username);
  await page.reload();
  await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
  return account;
}

/** Change the rollout, as the page asks for it. */
export async function lead(page: Page, action: "Start" | "Advance" | "Roll back", reason: string): Promise<void> {
  await page.getByRole("button", { name: action }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why?").fill(reason);
  await dialog.getByRole("button", { name: action }).click();
  await expect(dialog).toHaveCount(0);
}

export { expect };
