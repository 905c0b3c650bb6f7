import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromUnits, toUnits } from "../../annotations/static/annotations/js/offsets.js";

const cases = JSON.parse(readFileSync(new URL("./offset_cases.json", import.meta.url), "utf8"));

for (const { text, offsets } of cases) {
  test(`offsets convert both ways in ${JSON.stringify(text)}`, () => {
    for (const [offset, units] of offsets) {
      assert.equal(toUnits(text, offset), units);
      assert.equal(fromUnits(text, units), offset);
    }
  });
}

test("every cut of a text agrees with counting its code points", () => {
  const text = "“Vijftig” 😀 👩‍⚕️ é 🇳🇱 据 ’s-ochtends";
  for (let units = 0; units <= text.length; units += 1) {
    const low = text.charCodeAt(units);
    if (low >= 0xdc00 && low <= 0xdfff) continue;
    assert.equal(fromUnits(text, units), [...text.slice(0, units)].length);
  }
});

test("half of a pair counts as the start of the character", () => {
  assert.equal(fromUnits("a😀b", 2), 1);
});

test("a place outside the text is refused", () => {
  assert.throws(() => toUnits("abc", 4), RangeError);
  assert.throws(() => toUnits("abc", -1), RangeError);
  assert.throws(() => fromUnits("abc", 4), RangeError);
});
