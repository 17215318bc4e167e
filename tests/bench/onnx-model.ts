// Writes ONNX models (a protobuf message, github.com/onnx/onnx/blob/main/onnx/onnx.proto) of a few nodes.

export const elementTypes = { float32: 1, int32: 6, int64: 7 } as const;
type ElementType = keyof typeof elementTypes;

export interface TensorType {
  name: string;
  type: ElementType;
  dims: readonly number[];
}

export interface Node {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** numbers are int attributes, lists int-list attributes */
  attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface Graph {
  nodes: readonly Node[];
  inputs: readonly TensorType[];
  outputs: readonly TensorType[];
  constants?: readonly (TensorType & { data: Float32Array | Int32Array | BigInt64Array })[];
}

const operatorSet = 17;
const text = new TextEncoder();

/** A protobuf message under construction. */
class Message {
  readonly bytes: number[] = [];
  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.bytes.push(Number(rest & 127n) | 128);
    this.bytes.push(Number(rest));
  }
  int(field: number, value: number): this {
    this.#varint(field << 3);
    this.#varint(value);
    return this;
  }
  block(field: number, content: Uint8Array | readonly number[]): this {
    this.#varint((field << 3) | 2);
    this.#varint(content.length);
    for (const byte of content) this.bytes.push(byte);
    return this;
  }
  string(field: number, value: string): this {
    return this.block(field, text.encode(value));
  }
  message(field: number, content: Message): this {
    return this.block(field, content.bytes);
  }
}

function valueInfo({ name, type, dims }: TensorType): Message {
  const shape = new Message();
  for (const dim of dims) shape.message(1, new Message().int(1, dim));
  const tensor = new Message().int(1, elementTypes[type]).message(2, shape);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

export function onnxModel({ nodes, inputs, outputs, constants = [] }: Graph): Uint8Array<ArrayBuffer> {
  const graph = new Message();
  for (const { operator, inputs, outputs, attributes = {} } of nodes) {
    const node = new Message();
    for (const name of inputs) node.string(1, name);
    for (const name of outputs) node.string(2, name);
    node.string(4, operator);
    for (const [name, value] of Object.entries(attributes)) {
      const attribute = new Message().string(1, name);
      if (typeof value === 'number') attribute.int(3, value).int(20, 2);
      else {
        for (const item of value) attribute.int(8, item);
        attribute.int(20, 7);
      }
      node.message(5, attribute);
    }
    graph.message(1, node);
  }
  graph.string(2, 'graph');
  for (const { name, type, dims, data } of constants) {
    const tensor = new Message();
    for (const dim of dims) tensor.int(1, dim);
    tensor.int(2, elementTypes[type]).string(8, name);
    graph.message(5, tensor.block(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  }
  for (const input of inputs) graph.message(11, valueInfo(input));
  for (const output of outputs) graph.message(12, valueInfo(output));
  const opset = new Message().string(1, '').int(2, operatorSet);
  return new Uint8Array(new Message().int(1, 8).message(7, graph).message(8, opset).bytes);
}
