// Numbers to text, exactly as the C++ host prints them: numbers inside JSON that is passed on (by
// Grisu2, which is sometimes a digit longer than need be), and results of exports (the shortest).

// Powers of ten for Grisu2: the significand; its exponents follow from the index.
const kPowers = [
  [0xAB70FE17C79AC6CAn, -1060, -300],
  [0xFF77B1FCBEBCDC4Fn, -1034, -292],
  [0xBE5691EF416BD60Cn, -1007, -284],
  [0x8DD01FAD907FFC3Cn, -980, -276],
  [0xD3515C2831559A83n, -954, -268],
  [0x9D71AC8FADA6C9B5n, -927, -260],
  [0xEA9C227723EE8BCBn, -901, -252],
  [0xAECC49914078536Dn, -874, -244],
  [0x823C12795DB6CE57n, -847, -236],
  [0xC21094364DFB5637n, -821, -228],
  [0x9096EA6F3848984Fn, -794, -220],
  [0xD77485CB25823AC7n, -768, -212],
  [0xA086CFCD97BF97F4n, -741, -204],
  [0xEF340A98172AACE5n, -715, -196],
  [0xB23867FB2A35B28En, -688, -188],
  [0x84C8D4DFD2C63F3Bn, -661, -180],
  [0xC5DD44271AD3CDBAn, -635, -172],
  [0x936B9FCEBB25C996n, -608, -164],
  [0xDBAC6C247D62A584n, -582, -156],
  [0xA3AB66580D5FDAF6n, -555, -148],
  [0xF3E2F893DEC3F126n, -529, -140],
  [0xB5B5ADA8AAFF80B8n, -502, -132],
  [0x87625F056C7C4A8Bn, -475, -124],
  [0xC9BCFF6034C13053n, -449, -116],
  [0x964E858C91BA2655n, -422, -108],
  [0xDFF9772470297EBDn, -396, -100],
  [0xA6DFBD9FB8E5B88Fn, -369, -92],
  [0xF8A95FCF88747D94n, -343, -84],
  [0xB94470938FA89BCFn, -316, -76],
  [0x8A08F0F8BF0F156Bn, -289, -68],
  [0xCDB02555653131B6n, -263, -60],
  [0x993FE2C6D07B7FACn, -236, -52],
  [0xE45C10C42A2B3B06n, -210, -44],
  [0xAA242499697392D3n, -183, -36],
  [0xFD87B5F28300CA0En, -157, -28],
  [0xBCE5086492111AEBn, -130, -20],
  [0x8CBCCC096F5088CCn, -103, -12],
  [0xD1B71758E219652Cn, -77, -4],
  [0x9C40000000000000n, -50, 4],
  [0xE8D4A51000000000n, -24, 12],
  [0xAD78EBC5AC620000n, 3, 20],
  [0x813F3978F8940984n, 30, 28],
  [0xC097CE7BC90715B3n, 56, 36],
  [0x8F7E32CE7BEA5C70n, 83, 44],
  [0xD5D238A4ABE98068n, 109, 52],
  [0x9F4F2726179A2245n, 136, 60],
  [0xED63A231D4C4FB27n, 162, 68],
  [0xB0DE65388CC8ADA8n, 189, 76],
  [0x83C7088E1AAB65DBn, 216, 84],
  [0xC45D1DF942711D9An, 242, 92],
  [0x924D692CA61BE758n, 269, 100],
  [0xDA01EE641A708DEAn, 295, 108],
  [0xA26DA3999AEF774An, 322, 116],
  [0xF209787BB47D6B85n, 348, 124],
  [0xB454E4A179DD1877n, 375, 132],
  [0x865B86925B9BC5C2n, 402, 140],
  [0xC83553C5C8965D3Dn, 428, 148],
  [0x952AB45CFA97A0B3n, 455, 156],
  [0xDE469FBD99A05FE3n, 481, 164],
  [0xA59BC234DB398C25n, 508, 172],
  [0xF6C69A72A3989F5Cn, 534, 180],
  [0xB7DCBF5354E9BECEn, 561, 188],
  [0x88FCF317F22241E2n, 588, 196],
  [0xCC20CE9BD35C78A5n, 614, 204],
  [0x98165AF37B2153DFn, 641, 212],
  [0xE2A0B5DC971F303An, 667, 220],
  [0xA8D9D1535CE3B396n, 694, 228],
  [0xFB9B7CD9A4A7443Cn, 720, 236],
  [0xBB764C4CA7A44410n, 747, 244],
  [0x8BAB8EEFB6409C1An, 774, 252],
  [0xD01FEF10A657842Cn, 800, 260],
  [0x9B10A4E5E9913129n, 827, 268],
  [0xE7109BFBA19C0C9Dn, 853, 276],
  [0xAC2820D9623BF429n, 880, 284],
  [0x80444B5E7AA7CF85n, 907, 292],
  [0xBF21E44003ACDD2Dn, 933, 300],
  [0x8E679C2F5E44FF8Fn, 960, 308],
  [0xD433179D9C8CB841n, 986, 316],
  [0x9E19DB92B4E31BA9n, 1013, 324],
];

const bits64 = new DataView(new ArrayBuffer(8));
function bitsOf(number) {
  bits64.setFloat64(0, number);
  return bits64.getBigUint64(0);
}
export function bitsOfFloat(number) {
  bits64.setFloat32(0, number);
  return bits64.getUint32(0);
}

const multiply = (x, y) => (x * y + (1n << 63n)) >> 64n;

// Moves the last digit closer to the number as long as that stays inside the interval.
function roundLastDigit(digits, distance, delta, rest, unit) {
  while (rest < distance && delta - rest >= unit &&
         (rest + unit < distance || distance - rest > rest + unit - distance)) {
    digits[digits.length - 1]--;
    rest += unit;
  }
}

// [digits, exponent] of a positive finite number: digits * 10^exponent.
function grisu2(number) {
  const bits = bitsOf(number);
  const E = Number(bits >> 52n), F = bits & 0xfffffffffffffn;
  let f = E === 0 ? F : F + (1n << 52n);
  let e = E === 0 ? -1074 : E - 1075;
  const closer = F === 0n && E > 1;
  let plus = 2n * f + 1n, plusE = e - 1;
  let minus = closer ? 4n * f - 1n : 2n * f - 1n;
  const minusE = closer ? e - 2 : e - 1;
  const shift = 64 - plus.toString(2).length;
  plus <<= BigInt(shift);
  plusE -= shift;
  minus <<= BigInt(minusE - plusE);
  const vShift = 64 - f.toString(2).length;
  f <<= BigInt(vShift);
  e -= vShift;

  const g = -60 - plusE - 1;
  const k = Math.trunc((g * 78913) / 262144) + (g > 0 ? 1 : 0);
  const [c, cE, cK] = kPowers[Math.trunc((300 + k + 7) / 8)];
  const w = multiply(f, c);
  const low = multiply(minus, c) + 1n, high = multiply(plus, c) - 1n;
  const oneShift = BigInt(-(plusE + cE + 64)), one = 1n << oneShift;
  let delta = high - low, distance = high - w;
  let p1 = Number(high >> oneShift), p2 = high & (one - 1n);
  let exponent = -cK;
  const digits = [];
  let n = String(p1).length, power = 10 ** (n - 1);
  while (n > 0) {
    digits.push(Math.floor(p1 / power));
    p1 %= power;
    n--;
    const rest = (BigInt(p1) << oneShift) + p2;
    if (rest <= delta) {
      roundLastDigit(digits, distance, delta, rest, BigInt(power) << oneShift);
      return [digits.join(""), exponent + n];
    }
    power /= 10;
  }
  do {
    p2 *= 10n;
    digits.push(Number(p2 >> oneShift));
    p2 &= one - 1n;
    exponent--;
    delta *= 10n;
    distance *= 10n;
  } while (p2 > delta);
  roundLastDigit(digits, distance, delta, p2, one);
  return [digits.join(""), exponent];
}

function exponentText(exponent) {
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `e${exponent < 0 ? "-" : "+"}${digits}`;
}

// A finite number that was written with a point or an exponent, as a JSON text has it.
export function jsonTextOfFloat(number) {
  if (number === 0) return Object.is(number, -0) ? "-0.0" : "0.0";
  const sign = number < 0 ? "-" : "";
  const [digits, exponent] = grisu2(Math.abs(number));
  const k = digits.length, n = k + exponent;
  if (k <= n && n <= 15) return `${sign}${digits}${"0".repeat(n - k)}.0`;
  if (0 < n && n <= 15) return `${sign}${digits.slice(0, n)}.${digits.slice(n)}`;
  if (-4 < n && n <= 0) return `${sign}0.${"0".repeat(-n)}${digits}`;
  return `${sign}${digits[0]}${k > 1 ? "." + digits.slice(1) : ""}${exponentText(n - 1)}`;
}

// digits * 10^exponent without trailing zeros, as fmt prints it.
function fixedOrExponent(sign, digits, exponent) {
  const n = digits.length + exponent - 1;  // of the first digit
  if (n < -4 || n >= 16) {
    return `${sign}${digits[0]}${digits.length > 1 ? "." + digits.slice(1) : ""}${exponentText(n)}`;
  }
  if (exponent >= 0) return sign + digits + "0".repeat(exponent);
  if (n >= 0) return `${sign}${digits.slice(0, n + 1)}.${digits.slice(n + 1)}`;
  return `${sign}0.${"0".repeat(-n - 1)}${digits}`;
}

// Digits and exponent of what JavaScript prints, which is the shortest that reads back the same.
function shortest(number) {
  const [mantissa, exponent] = number.toExponential().split("e");
  const digits = mantissa.replace(".", "");
  return [digits, Number(exponent) - digits.length + 1];
}

// The JSON text of an f64 that a guest gave.
export function textOfF64(number) {
  if (Number.isNaN(number)) return '"NaN"';
  if (!Number.isFinite(number)) return number < 0 ? '"-Infinity"' : '"Infinity"';
  if (number === 0) return Object.is(number, -0) ? "-0.0" : "0";
  return fixedOrExponent(number < 0 ? "-" : "", ...shortest(Math.abs(number)));
}

// The shortest decimal within the interval of numbers that round to a positive f32: digits and
// exponent. Both are exact: all is in units of 2^(e-2) / 10^something, as big integers.
function shortestF32(number) {
  const bits = bitsOfFloat(number);
  const E = bits >>> 23, F = bits & 0x7fffff;
  const f = BigInt(E === 0 ? F : F + 0x800000);
  const e = (E === 0 ? -149 : E - 150) - 2;
  const low = 4n * f - (F === 0 && E > 1 ? 1n : 2n), high = 4n * f + 2n;
  const includes = (f & 1n) === 0n;
  const first = Number(number.toExponential().split("e")[1]);
  for (let p = 1; p <= 9; p++) {
    const exponent = first - p + 1;
    // value = 4f * 2^e; candidates are d * 10^exponent. Scale both sides to integers.
    const two = e >= 0 ? 1n << BigInt(e) : 1n, twoBelow = e < 0 ? 1n << BigInt(-e) : 1n;
    const ten = exponent >= 0 ? 10n ** BigInt(exponent) : 1n, tenBelow = exponent < 0 ? 10n ** BigInt(-exponent) : 1n;
    const scale = two * tenBelow, unit = ten * twoBelow;
    const value = 4n * f * scale;
    const below = value / unit;
    let best;
    for (const d of [below, below + 1n]) {
      const at = d * unit;
      const inside = includes ? at >= low * scale && at <= high * scale : at > low * scale && at < high * scale;
      if (!inside || d === 0n) continue;
      const off = at > value ? at - value : value - at;
      if (!best || off < best.off || (off === best.off && (d & 1n) === 0n)) best = { d, off };
    }
    if (!best) continue;
    const all = best.d.toString(), digits = all.replace(/0+$/, "");
    return [digits, exponent + all.length - digits.length];
  }
  return shortest(number);
}

// The JSON text of an f32. Readers make a double of it first; where that leads to another f32, the
// digits of the number as a double do not.
export function textOfF32(number) {
  if (!Number.isFinite(number) || number === 0) return textOfF64(number);
  const text = fixedOrExponent(number < 0 ? "-" : "", ...shortestF32(Math.abs(number)));
  return Math.fround(Number(text)) === number ? text : textOfF64(number);
}
