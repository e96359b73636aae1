import { asGuest, connection, expect, lit, PRACTICE, readAloud, recordButton, savedReadings, socketsOf, test, uploadsOf, word, type Page } from "./reading";
import { AS_INSTALLED, Server } from "./server";

const LIVE = "live";
const STEP_BY_STEP = "step by step";
const MOVED_MS = 5_000;

const pill = (page: Page) => connection(page);

/** Bring the rollout from its beginning to everybody. */
async function rollOut(server: Server): Promise<void> {
  await server.command("rollout", "start");
  for (const stage of ["50", "100"]) await server.command("rollout", "advance", "--to", stage);
}

test.describe("an installation as it comes", () => {
  let own: Server; // for all of these: only the last one changes it

  test.beforeAll(async () => {
    test.setTimeout(90_000);
    own = await Server.started(AS_INSTALLED);
  });

  test.afterAll(async () => { await own.close(); });

  test("has everybody on SSE, and everything works", async ({ reader }) => {
    test.setTimeout(120_000);
    const page = await reader.open("slip", { baseURL: own.url });
    const [sockets, uploads] = [socketsOf(page), uploadsOf(page)];
    await page.goto("/settings");
    await expect(page.getByText("until the server has said which way it prefers")).toBeVisible();
    await asGuest(page);
    await expect(pill(page)).toHaveAttribute("data-connection", STEP_BY_STEP);
    await readAloud(page);
    await expect(page.locator("[data-feedback]")).toBeVisible();
    await page.getByRole("button", { name: "Next" }).click();
    await expect(page.locator("[data-status]")).toHaveCount(0);
    await page.getByRole("link", { name: "Settings" }).click();
    await expect(page.getByText("little by little")).toBeVisible();
    expect([sockets.length, uploads.length, await savedReadings(page)]).toEqual([0, 1, 1]);
  });

  test("is rolled out: a page that is open moves to the WebSocket and back, and what is being read is not lost", async ({ reader }) => {
    test.setTimeout(180_000);
    const page = await reader.open("right", { baseURL: own.url });
    const [sockets, uploads] = [socketsOf(page), uploadsOf(page)];
    await asGuest(page);
    await page.evaluate(() => { document.documentElement.dataset["same"] = "page"; });
    await expect(pill(page)).toHaveAttribute("data-connection", STEP_BY_STEP);
    await rollOut(own);
    await expect(pill(page)).toHaveAttribute("data-connection", LIVE, { timeout: MOVED_MS });
    expect(sockets).toHaveLength(1);

    await recordButton(page).click();
    await lit(page); // it goes over the WebSocket
    await own.command("rollout", "rollback", "--reason", "Readings hang");
    await expect(pill(page)).toHaveAttribute("data-connection", STEP_BY_STEP, { timeout: MOVED_MS });
    await expect(word(page, "shop")).toHaveAttribute("data-status", /./u, { timeout: 20_000 });
    await expect(page.locator("[data-feedback]")).toBeVisible();
    expect(uploads).toHaveLength(0); // it has ended where it began

    await page.getByRole("button", { name: "Again", exact: true }).click();
    await readAloud(page);
    await expect(page.locator("[data-feedback]")).toBeVisible();
    expect(uploads).toHaveLength(1);
    await rollOut(own);
    await expect(pill(page)).toHaveAttribute("data-connection", LIVE, { timeout: MOVED_MS });
    expect([sockets.length, await savedReadings(page)]).toEqual([2, 2]);
    await expect(page.locator("html")).toHaveAttribute("data-same", "page"); // nothing was loaded again
  });
});

test("what somebody chooses on one page counts on their other one, without a word", async ({ reader }) => {
  const page = await reader.open("silence");
  await asGuest(page);
  await expect(pill(page)).toHaveAttribute("data-connection", LIVE);
  const other = await page.context().newPage();
  await other.goto("/settings");
  await other.getByRole("switch", { name: /WebSocket/u }).first().click();
  await expect(other.getByText("Saving what you chose.")).toHaveCount(0);
  await page.bringToFront();
  await expect(pill(page)).toHaveAttribute("data-connection", STEP_BY_STEP, { timeout: MOVED_MS });
});

test("a server that has retired SSE has no other way to offer, and everything is read over the WebSocket", async ({ reader }) => {
  test.setTimeout(120_000);
  const own = await Server.started({ ...AS_INSTALLED, SSE_ENABLED: "false" });
  try {
    const page = await reader.open("slip", { baseURL: own.url });
    const uploads = uploadsOf(page);
    await asGuest(page);
    await expect(pill(page)).toHaveAttribute("data-connection", LIVE);
    await readAloud(page);
    await page.getByRole("link", { name: "Settings" }).click();
    await expect(page.getByText("the only way to this server")).toBeVisible();
    await expect(page.getByText("This server has no other.")).toBeVisible();
    await expect(page.getByRole("switch", { name: /WebSocket/u }).first()).toBeDisabled();
    expect(uploads).toEqual([]);
  } finally {
    await own.close();
  }
});

test("nobody is connected before the server has said which way", async ({ reader }) => {
  const page = await reader.open("silence");
  await asGuest(page);
  await expect(pill(page)).toHaveAttribute("data-connection", LIVE);
  await page.route("**/api/users/me/settings", async (route) => {
    const answer = await route.fetch();
    const settings = (await answer.json()) as { effective: object };
    await route.fulfill({ response: answer, json: { ...settings, effective: { ...settings.effective, use_websocket: false, reason: "stage" } } });
  });
  const sockets = socketsOf(page); // the page knows of the WebSocket from before
  await page.goto(PRACTICE);
  await expect(pill(page)).toHaveAttribute("data-connection", STEP_BY_STEP);
  expect(sockets).toEqual([]);
});
