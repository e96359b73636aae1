import { expect, it } from "vitest";

import { TestClock } from "../../testing/testEnvironment";
import { VisibleTime } from "./visibleTime";

it("stands still while the page is hidden", () => {
  const clock = new TestClock();
  const time = new VisibleTime(() => clock.now);
  clock.advance(100);
  time.setHidden(true);
  clock.advance(5000);
  expect(time.now()).toBe(100);
  time.setHidden(true); // said twice
  clock.advance(5000);
  time.setHidden(false);
  time.setHidden(false);
  expect(time.now()).toBe(100);
  clock.advance(20);
  expect(time.now()).toBe(120);
});
