import { expect, it } from "vitest";

import type { SoundTopic } from "../../services/api/practice";
import { families, lettersOf } from "./soundGroups";

const topic = (sound: string, group: SoundTopic["group"], name: string): SoundTopic => ({ sound, group, name, ipa: "", keyword: "", how: "", spellings: [], words: [] });

it("puts a sound where a class would look for it", () => {
  const sounds = [topic("AA", "long_vowel", "the short o"), topic("AE", "short_vowel", "the short a"), topic("IY", "long_vowel", "the long e"), topic("SH", "fricative", "the /sh/ sound")];
  expect(families(sounds).map(({ name, sounds: of }) => [name, of.map(({ sound }) => sound)])).toEqual([
    ["Short vowels", ["AA", "AE"]],
    ["Long vowels", ["IY"]],
    ["Sounds that blow or buzz", ["SH"]],
  ]);
});

it("knows the letters a sound is known by", () => {
  expect(["the /sh/ sound", "the short o"].map((name) => lettersOf({ name, spellings: ["x"] }))).toEqual(["sh", "o"]);
});
