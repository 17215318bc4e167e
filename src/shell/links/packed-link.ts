import { type LinkProblem, LinkReader, longest, type OpenedLink, otherVersion, partsOfLink, readLink, version } from './link.ts';

/** Most characters that a packed link may unpack to: it is not to be trusted. */
const longestUnpacked = 64_000;

/** Why a packed link is not read, in words for the reader. */
class UnpackError extends Error {}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> => {
  if (!/^[\w-]*$/.test(text)) throw new UnpackError('It holds characters that no such link has.');
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
};

const streamOf = (bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> => new Blob([bytes]).stream();

/** The bytes of a stream; rejects, and reads no further, once there are more than `most`. */
async function collect(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    parts.push(value);
    if (length <= most) continue;
    await reader.cancel();
    throw new UnpackError(`It unpacks to more than the ${most} characters that are read.`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A shorter form of a link of version 3 (its fields, deflated; the place stays readable), where there is one. */
export async function deflateLink(hash: string): Promise<string> {
  if (typeof CompressionStream === 'undefined') return hash;
  const { route, fields } = partsOfLink(hash);
  const plain = new TextEncoder().encode(fields.replace(/^v=\d+&/, ''));
  const deflated = streamOf(plain).pipeThrough(new CompressionStream('deflate-raw'));
  const packed = `/${route}?v=${version}&z=${toBase64Url(await collect(deflated, longestUnpacked))}`;
  return packed.length < hash.length && packed.length <= longest ? packed : hash;
}

/** Opens a packed link's hash, without '#' and no longer than `longest`. What cannot be unpacked is a problem, and the page opens as it begins. */
export async function openPacked(hash: string): Promise<OpenedLink> {
  const { route, fields: packed } = partsOfLink(hash);
  const { fields, problems } = await unpack(packed, route === null ? '2' : String(version));
  const start = route === null ? '' : `/${route}${fields === null ? '' : '?'}`;
  const head = fields === null ? start : `${start}v=${route === null ? 1 : version}&`;
  const opened = readLink(head + (fields ?? ''), longestUnpacked);
  opened.reader.problems.push(...problems);
  return opened;
}

/** The fields that a packed link holds; null where it cannot be unpacked. */
async function unpack(text: string, expected: string): Promise<{ fields: string | null; problems: readonly LinkProblem[] }> {
  const link = new LinkReader(new URLSearchParams(text));
  const written = link.take('v') ?? '';
  if (written !== expected) link.refuse('v', written, otherVersion);
  const packed = link.take('z') ?? '';
  try {
    if (packed === '') throw new UnpackError('It is empty.');
    const inflated = streamOf(fromBase64Url(packed)).pipeThrough(new DecompressionStream('deflate-raw'));
    const fields = new TextDecoder('utf-8', { fatal: true }).decode(await collect(inflated, longestUnpacked));
    return { fields, problems: link.finish() };
  } catch (error) {
    const why = error instanceof UnpackError ? error.message : 'It is damaged, or was cut off.';
    link.refuse('z', `${packed.slice(0, 40)}…`, `This packed link cannot be read, and the page shows its defaults. ${why}`);
    return { fields: null, problems: link.finish() };
  }
}
