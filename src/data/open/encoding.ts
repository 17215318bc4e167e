import { nextTurn, type ReadOptions } from '../read-records.ts';

/** How the bytes of a text are to be read. */
export interface Encoding {
  /** what TextDecoder calls it */
  readonly charset: string;
  /** as people call it; null for UTF-8, of which nothing need be said */
  readonly name: string | null;
  /** a few bytes are none of it: the rows that hold them are left out */
  readonly damaged: boolean;
}

const PIECE_BYTES = 1 << 20;
/** Bytes of a text on which an encoding is tried that does not say what it is. */
const SAMPLE_BYTES = 1 << 20;

const utf8: Encoding = { charset: 'utf-8', name: null, damaged: false };

/** Tries the whole file piece by piece; false where a piece is none of this encoding. */
async function reads(blob: Blob, charset: string, { signal, onProgress, yieldNow = nextTurn }: ReadOptions): Promise<boolean> {
  const decoder = new TextDecoder(charset, { fatal: true });
  try {
    for (let start = 0; start < blob.size; start += PIECE_BYTES) {
      const bytes = await blob.slice(start, start + PIECE_BYTES).arrayBuffer();
      signal?.throwIfAborted();
      decoder.decode(bytes, { stream: true });
      onProgress?.(Math.min(start + PIECE_BYTES, blob.size), blob.size);
      await yieldNow();
    }
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Counts sequences of several bytes that are UTF-8, and bytes that belong to none. */
function countUtf8(bytes: Uint8Array): { good: number; bad: number } {
  let good = 0;
  let bad = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x80) continue;
    const more = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0;
    let found = 0;
    while (found < more && ((bytes[i + 1 + found] ?? 0) & 0xc0) === 0x80) found++;
    if (more > 0 && found === more) {
      good++;
      i += more;
    } else bad++;
  }
  return { good, bad };
}

/** UTF-16 without a mark: of every two bytes of its ASCII characters one is zero. */
function wideLabel(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  const units = bytes.length / 2;
  if (odd > 0.4 * units && even < 0.05 * units) return 'utf-16le';
  if (even > 0.4 * units && odd < 0.05 * units) return 'utf-16be';
  return null;
}

/** Encodings of one or two bytes, with the characters that most of a text in them is made of. */
const local: readonly { charset: string; name: string; usual: RegExp }[] = [
  // The rows 16 to 55 of GB 2312 hold the 3755 characters that nearly all Chinese text is made of.
  { charset: 'gb18030', name: 'GBK', usual: /[\u4e00-\u9fff\u3000-\u303f\uff00-\uff5e\u2018-\u201d\u2026]/gu },
  { charset: 'shift_jis', name: 'Shift JIS', usual: /[\u3040-\u30ff\u4e00-\u9fff\u3000-\u303f\uff00-\uff5e]/gu },
  { charset: 'euc-jp', name: 'EUC-JP', usual: /[\u3040-\u30ff\u4e00-\u9fff\u3000-\u303f\uff00-\uff5e]/gu },
  { charset: 'euc-kr', name: 'EUC-KR', usual: /[\uac00-\ud7a3\u3000-\u303f\uff00-\uff5e]/gu },
  { charset: 'big5', name: 'Big5', usual: /[\u4e00-\u9fff\u3000-\u303f\uff00-\uff5e]/gu },
  { charset: 'windows-1251', name: 'Windows-1251', usual: /[а-яё]/gu },
  { charset: 'windows-1252', name: 'Latin-1', usual: /[àáâãäåæçèéêëìíîïñòóôõöøùúûüßœ’“”–—«»°€£§]/giu },
];

/** How plausible a text is in an encoding: the share of what is not ASCII that is usual in it. */
function plausibility(bytes: Uint8Array, { charset, usual }: (typeof local)[number]): number {
  let text: string;
  try {
    text = new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: true }); // a character may be cut at the end
  } catch {
    return 0;
  }
  const strange = text.replace(/\p{ASCII}/gu, '');
  const count = [...strange].length;
  if (count === 0) return 0;
  const share = (strange.match(usual)?.length ?? 0) / count;
  if (charset === 'gb18030') {
    // Bytes of Japanese or Korean texts are mostly characters of GBK, too, but rare ones.
    let [common, pairs] = [0, 0];
    for (let i = 0; i < bytes.length; i++) {
      const [a, b] = [bytes[i] ?? 0, bytes[i + 1] ?? 0];
      if (a < 0x80) continue;
      pairs++;
      if ((a >= 0xb0 && a <= 0xd7 && b >= 0xa1) || (a >= 0xa1 && a <= 0xa3 && b >= 0xa1)) common++;
      i++;
    }
    return share * (common / pairs);
  }
  if (charset === 'shift_jis' || charset === 'euc-jp') return /[\u3040-\u30ff]/u.test(strange) ? share : share / 2;
  if (charset === 'euc-kr') {
    // Syllables stand in the rows 16 to 40 alone; of Chinese characters two of five stand behind them.
    let [inside, all] = [0, 0];
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte < 0x80) continue;
      i++;
      if (byte < 0xb0) continue; // signs
      all++;
      if (byte <= 0xc8) inside++;
    }
    return inside < all ? share * (inside / all) : share * (all >= 8 ? 1.01 : 0.9);
  }
  if (charset === 'big5') return share * 0.95;
  // Accents stand alone among plain letters: where strange signs stand side by side they are letters of another script.
  if (charset === 'windows-1252') {
    const alone = text.match(/(?<!\P{ASCII})\P{ASCII}(?!\P{ASCII})/gu)?.length ?? 0;
    return /[\u0080-\u009f]/u.test(text) ? 0 : share * Math.min(1, 0.4 + alone / count);
  }
  if (charset === 'windows-1251') return share * 0.9;
  return share;
}

/** The bytes around what is not ASCII, from the whole beginning of a file. */
function telling(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  return first < 0 ? bytes : bytes.subarray(Math.max(0, first - 64));
}

/**
 * How a text is encoded. UTF-8 and marked texts are certain; the rest is tried, and null where nothing fits: then the text must be refused,
 * since a guess would put wrong words into it.
 */
export async function encodingOf(blob: Blob, options: ReadOptions): Promise<Encoding | null> {
  const head = new Uint8Array(await blob.slice(0, SAMPLE_BYTES).arrayBuffer());
  if (head[0] === 0xff && head[1] === 0xfe) return { charset: 'utf-16le', name: 'UTF-16', damaged: false };
  if (head[0] === 0xfe && head[1] === 0xff) return { charset: 'utf-16be', name: 'UTF-16', damaged: false };
  const wide = wideLabel(head);
  if (wide && (await reads(blob, wide, options))) return { charset: wide, name: 'UTF-16', damaged: false };
  if (await reads(blob, 'utf-8', options)) return utf8;
  const { good, bad } = countUtf8(head);
  if (good > 3 * bad || bad === 0) return { ...utf8, damaged: true };
  const sample = telling(head);
  const ranked = local.map((each) => ({ ...each, score: plausibility(sample, each) })).sort((a, b) => b.score - a.score);
  for (const { charset, name, score } of ranked) {
    if (score < 0.6) break;
    if (await reads(blob, charset, options)) return { charset, name, damaged: false };
  }
  // A few strange bytes among ASCII: the rows that hold them are left out, and nothing is guessed.
  const controls = head.reduce((count, byte) => count + Number(byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13), 0);
  return good > bad || (bad < 0.25 * head.length && controls < 0.01 * head.length) ? { ...utf8, damaged: true } : null;
}
