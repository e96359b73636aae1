import { describe, expect, it } from "vitest";

import phonics from "../../../../backend/src/sounditout/practice/phonics.toml?raw";
import { SOUNDS } from "./sounds";

describe("SOUNDS", () => {
  it("are the sounds the server's coach knows", () => {
    const named = [...phonics.matchAll(/^\[([A-Z]+)\]$/gmu)].map(([, name]) => name);
    expect(Object.keys(SOUNDS)).toEqual(named);
  });

  it.each(Object.entries(SOUNDS))("says of %s what the coach says", (name, { name: called, keyword, how }) => {
    const section = phonics.slice(phonics.indexOf(`[${name}]\n`)).split("\n\n")[0];
    expect(section).toContain(`name = "${called}"\nkeyword = "${keyword}"`);
    expect(section).toContain(`how = "${how}"`);
  });
});
