import { DataFileError } from '../read-records.ts';

/** A file that is recognised by its first bytes and not read: what it is, and the line that converts it. */
export interface Foreign {
  /** what it is, as in 'an Excel workbook (xlsx)' */
  readonly format: string;
  readonly convert?: string;
}

/** A file is of a kind that is recognised and not read. */
export class ForeignFileError extends DataFileError {
  readonly foreign: Foreign;
  constructor(foreign: Foreign, reason = `The file is ${foreign.format}, which is not read here.`) {
    super(foreign.convert ? `${reason} Convert it first: ${foreign.convert}` : reason);
    this.foreign = foreign;
    this.reason = reason;
  }
  readonly reason: string;
}

interface Magic extends Foreign {
  readonly bytes: readonly number[];
  /** where the bytes stand */
  readonly at?: number;
}

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

const toJsonl = 'to_json("pairs.jsonl", orient="records", lines=True)';
const arrow: Foreign = {
  format: 'Arrow or Feather',
  convert: 'from datasets import Dataset; Dataset.from_file("data.arrow").to_json("pairs.jsonl")',
};
export const pickle: Foreign = {
  format: 'a Python pickle',
  convert: `import pandas as pd; pd.DataFrame(pd.read_pickle("data.pkl")).${toJsonl}`,
};
export const torchFile: Foreign = {
  format: 'a PyTorch file (.pt)',
  convert: 'import torch; from safetensors.torch import save_file; save_file(torch.load("data.pt", weights_only=True), "data.safetensors")',
};
export const workbook: Foreign = {
  format: 'an Excel workbook (xlsx)',
  convert: 'import pandas as pd; pd.read_excel("data.xlsx").to_csv("data.csv", index=False)',
};
export const lockedArchive: Foreign = {
  format: 'a zip archive with a password',
  convert: 'unzip it with its password, and open one of its files',
};
export const zipArchive: Foreign = { format: 'a zip archive', convert: 'unzip it, and open one of its files' };
export const tensorboard: Foreign = {
  format: 'a TensorBoard event file',
  convert:
    'from tbparse import SummaryReader; SummaryReader("run").scalars.pivot_table("value", "step", "tag").reset_index().to_csv("log.csv", index=False)',
};

const wandbRun: Foreign = {
  format: 'a W&B run file (.wandb)',
  convert: 'import wandb; wandb.Api().run("entity/project/run").history().to_csv("log.csv", index=False)',
};
export const openDocument: Foreign = {
  format: 'an OpenDocument spreadsheet (ods)',
  convert: 'import pandas as pd; pd.read_excel("data.ods", engine="odf").to_csv("data.csv", index=False)',
};
export const kerasFile: Foreign = { format: 'a Keras model' };

const magics: readonly Magic[] = [
  { bytes: ascii('ARROW1'), ...arrow },
  { bytes: ascii('FEA1'), ...arrow },
  { bytes: [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46], ...torchFile },
  { bytes: [0x80, 0x02], ...pickle },
  { bytes: [0x80, 0x03], ...pickle },
  { bytes: [0x80, 0x04], ...pickle },
  { bytes: [0x80, 0x05], ...pickle },
  {
    bytes: [0x89, 0x48, 0x44, 0x46],
    format: 'HDF5',
    convert: `import h5py, numpy as np; np.savez("data.npz", **{k: v[()] for k, v in h5py.File("data.h5").items()})  # a table of pandas: import pandas as pd; pd.read_hdf("data.h5").${toJsonl}`,
  },
  {
    bytes: ascii('SQLite format 3'),
    format: 'an SQLite database',
    convert: `import pandas as pd, sqlite3; pd.read_sql("select * from pairs", sqlite3.connect("data.db")).${toJsonl}`,
  },
  {
    bytes: [0xd0, 0xcf, 0x11, 0xe0],
    format: 'an old Office file (xls, doc)',
    convert: 'import pandas as pd; pd.read_excel("data.xls").to_csv("data.csv", index=False)',
  },
  { bytes: ascii('ORC'), format: 'ORC', convert: `import pandas as pd; pd.read_orc("data.orc").${toJsonl}` },
  { bytes: ascii('Obj'), format: 'Avro', convert: 'fastavro data.avro > pairs.jsonl' },
  { bytes: ascii(':W&B'), ...wandbRun },
  {
    bytes: ascii('PARE'),
    format: 'Parquet, encrypted',
    convert: 'write it again with pyarrow.parquet.write_table, without encryption_properties',
  },
  {
    bytes: ascii('DUCK'),
    at: 8,
    format: 'a DuckDB database',
    convert: `import duckdb; duckdb.connect("data.db").sql("select * from pairs").df().${toJsonl}`,
  },
  { bytes: [0, 5, 0x16, 7], format: 'what macOS writes beside a file (._…), and not the file itself' },
  { bytes: [0, 0, 0, 1, ...ascii('Bud1')], format: 'a .DS_Store of macOS' },
  { bytes: ascii('GGUF'), format: 'a GGUF model' },
  { bytes: ascii('%PDF'), format: 'a PDF document' },
  { bytes: [0x89, 0x50, 0x4e, 0x47], format: 'a PNG picture' },
  { bytes: [0xff, 0xd8, 0xff], format: 'a JPEG picture' },
  { bytes: ascii('GIF8'), format: 'a GIF picture' },
  { bytes: ascii('RIFF'), format: 'a RIFF file (webp, wav)' },
  { bytes: [0x42, 0x5a, 0x68], format: 'bzip2', convert: 'bunzip2 data.jsonl.bz2' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], format: 'xz', convert: 'unxz data.jsonl.xz' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf], format: 'a 7z archive', convert: '7z x data.7z' },
  { bytes: ascii('Rar!'), format: 'a RAR archive', convert: 'unrar x data.rar' },
  { bytes: [0x04, 0x22, 0x4d, 0x18], format: 'lz4', convert: 'unlz4 data.jsonl.lz4' },
  { bytes: ascii('ustar'), at: 257, format: 'a tar archive', convert: 'tar xf data.tar, and open one of its files' },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], format: 'a program (ELF)' },
  { bytes: [0x00, 0x61, 0x73, 0x6d], format: 'WebAssembly' },
];

const hasBytes = (head: Uint8Array, bytes: readonly number[], at = 0): boolean => bytes.every((byte, i) => head[at + i] === byte);

/** What a file is by its first bytes, where it is a kind that is only recognised. */
export function foreignOf(head: Uint8Array): Foreign | null {
  // an Arrow stream, as datasets keeps them: a mark, the length of its schema in 4 bytes, and that
  if (hasBytes(head, [0xff, 0xff, 0xff, 0xff]) && head[7] === 0 && head.length > 64 && (head[4] ?? 0) % 8 === 0) return arrow;
  const magic = magics.find(({ bytes, at }) => hasBytes(head, bytes, at));
  if (magic) return { format: magic.format, ...(magic.convert === undefined ? {} : { convert: magic.convert }) };
  // A TFRecord: length in 8 bytes, its checksum in 4, and an Event with a wall time (field 1, a double) first.
  const isEvents = head.length > 40 && hasBytes(head, [0, 0, 0, 0, 0, 0], 2) && head[12] === 0x09 && head[0] !== 0;
  return isEvents ? tensorboard : null;
}

/** A file whose kind is read, by its first bytes. */
export type BinaryKind = 'gzip' | 'zstd' | 'zip' | 'parquet' | 'npy' | 'safetensors';

export function binaryKindOf(head: Uint8Array): BinaryKind | null {
  if (hasBytes(head, [0x1f, 0x8b])) return 'gzip';
  if (hasBytes(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  if (hasBytes(head, [0x50, 0x4b, 0x03, 0x04]) || hasBytes(head, [0x50, 0x4b, 0x05, 0x06])) return 'zip';
  if (hasBytes(head, ascii('PAR1'))) return 'parquet';
  if (hasBytes(head, [0x93, ...ascii('NUMPY')])) return 'npy';
  // safetensors: the length of a JSON header in 8 bytes, and then the header
  if (hasBytes(head, [0, 0, 0], 5) && head[8] === 0x7b && (head[9] === 0x22 || head[9] === 0x20 || head[9] === 0x7d)) return 'safetensors';
  return null;
}
