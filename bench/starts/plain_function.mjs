// The function in plain JavaScript.
import { textStats } from "../serve/text_stats.mjs";

export const main = ({ text }) => textStats(text);
