import { describe, expect, it } from "vitest";

import { figures } from "../../services/api/operations";
import { bars, byStage, countOf, merged } from "./histogram";

/** As a server tells them: finer than what is drawn. */
const EDGES = [0, 10, 20, 50, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 600_000];
const ONE_EACH = EDGES.slice(1).map((to_ms, index) => ({ from_ms: EDGES[index], to_ms, count: 1 }));

const { transports } = figures({
  transports: [
    { transport: "websocket", stage: 10, words_ms: { bins: ONE_EACH } },
    { transport: "websocket", stage: 50, words_ms: { bins: [{ from_ms: 100, to_ms: 150, count: 3 }, { from_ms: 10_000, to_ms: 600_000, count: 1 }] } },
    { transport: "sse", stage: 50, words_ms: { bins: [{ from_ms: 500, to_ms: 750, count: 40 }] }, first_event_ms: { bins: ONE_EACH } },
    { transport: "sse", stage: 0, words_ms: { bins: ONE_EACH } },
  ],
});

describe("the stages", () => {
  it("come with both ways side by side, the furthest first", () => {
    expect(byStage(transports).map(({ stage, websocket, sse }) => [stage, websocket?.stage ?? null, sse?.stage ?? null])).toEqual([[50, 50, 50], [10, 10, null], [0, null, 0]]);
  });
});

describe("the bars", () => {
  it("take in every bin of the server once", () => {
    const [, ten] = byStage(transports);
    expect(merged(ten?.websocket?.words.bins ?? [])).toEqual([4, 2, 1, 2, 2, 2, 2, 2]);
    expect(countOf({ median: null, p95: null, bins: ten?.websocket?.words.bins ?? [] })).toBe(17);
  });

  it("are shares of their own way, so that few readings stand beside many", () => {
    const [fifty] = byStage(transports);
    if (fifty === undefined) throw new Error("no stage");
    const drawn = bars(fifty, "words");
    expect(drawn.map(({ websocket }) => websocket)).toEqual([0, 75, 0, 0, 0, 0, 0, 25]);
    expect(drawn.find(({ sse }) => sse > 0)).toMatchObject({ tick: "1", label: "0.5 to 1 s", sse: 100, counts: { websocket: 0, sse: 40 } });
  });

  it("are all nothing for a way of which nothing is known", () => {
    const ten = byStage(transports)[1];
    if (ten === undefined) throw new Error("no stage");
    expect(bars(ten, "firstEvent").flatMap(({ websocket, sse }) => [websocket, sse])).toEqual(Array.from({ length: 16 }, () => 0));
  });

  it("say in words from when to when they are", () => {
    const [fifty] = byStage(transports);
    if (fifty === undefined) throw new Error("no stage");
    const labels = bars(fifty, "words").map(({ label }) => label);
    expect([labels[0], labels[1], labels.at(-1)]).toEqual(["up to 0.1 s", "0.1 to 0.2 s", "more than 5 s"]);
  });
});
