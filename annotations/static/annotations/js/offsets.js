// The server counts in code points, the page in UTF-16 units. This is the only JavaScript that converts between them.
// Its Python twin is annotations/domain/documents/offsets.py; the same cases test both.

/** UTF-16 offset of a code point offset. Throws RangeError when it lies outside the text. */
export function toUnits(text, offset) {
  let units = 0;
  for (let passed = 0; passed < offset; passed += 1) {
    if (units >= text.length) throw new RangeError(`offset ${offset} lies outside the text`);
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  if (offset < 0) throw new RangeError("an offset cannot be negative");
  return units;
}

/** Code point offset of a UTF-16 offset; half of a surrogate pair counts as the pair's start. */
export function fromUnits(text, units) {
  if (units < 0 || units > text.length) throw new RangeError(`offset ${units} lies outside the text`);
  let offset = 0;
  for (let at = 0; at < units; offset += 1) {
    const step = text.codePointAt(at) > 0xffff ? 2 : 1;
    if (at + step > units) break;
    at += step;
  }
  return offset;
}
