// What examples/functions/text-stats.c computes, in plain JavaScript.
const isWordCode = (code) =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ||
  code >= 0x80 || code === 39;
const isSpaceCode = (code) => code === 32 || (code >= 9 && code <= 13);

export function textStats(text) {
  if (typeof text !== "string") return { error: "the parameter text is missing or not a string" };
  let characters = 0, words = 0, sentences = 0, longest = 0, longestWord = "";
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0xdc00 || code > 0xdfff) characters++;
    if ((code === 46 || code === 33 || code === 63) &&
        (at + 1 === text.length || isSpaceCode(text.charCodeAt(at + 1)))) sentences++;
    if (isWordCode(code) && (at === 0 || !isWordCode(text.charCodeAt(at - 1)))) {
      words++;
      let end = at + 1;
      while (end < text.length && isWordCode(text.charCodeAt(end))) end++;
      const word = text.slice(at, end);
      const length = new TextEncoder().encode(word).length;
      if (length > longest) {
        longest = length;
        longestWord = word;
      }
    }
  }
  return { characters, words, sentences, longest_word: longestWord,
           reading_seconds: Math.floor((words + 3) / 4) };
}
