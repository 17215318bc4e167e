/** The base of every error that prefscope raises on purpose. `name` identifies the kind; the message names the fix. */
export class PrefscopeError extends Error {
  override readonly name: string = 'PrefscopeError';
}

/** A tensor's shape does not fit the operation. */
export class ShapeError extends PrefscopeError {
  override readonly name = 'ShapeError';
}

/** A token, prompt or outcome index lies outside its table. */
export class IndexError extends PrefscopeError {
  override readonly name = 'IndexError';
}

/** A field of an experiment is missing, of the wrong type or outside its valid range. */
export class ExperimentError extends PrefscopeError {
  override readonly name = 'ExperimentError';
  /** path into the experiment, as in 'optimizer.learningRate' */
  readonly path: string;
  constructor(path: string, problem: string) {
    super(`experiment.${path} ${problem}`);
    this.path = path;
  }
}

/** The objective is not in the catalogue, or a parameter of it is unknown or invalid. */
export class ObjectiveError extends PrefscopeError {
  override readonly name = 'ObjectiveError';
}

/** A line of mathematics cannot be read; `from` and `to` say where. */
export class ExpressionError extends PrefscopeError {
  override readonly name = 'ExpressionError';
  readonly text: string;
  /** first column of the problem, counted from 1 */
  readonly from: number;
  /** last column of the problem, at least `from` */
  readonly to: number;
  /** what is wrong and how to put it right, without the place */
  readonly problem: string;
  /** `start` and `end` count from 0, `end` is the position after the problem. */
  constructor(text: string, start: number, end: number, problem: string) {
    const [from, to] = [start + 1, Math.max(start + 1, end)];
    super(`Column ${from === to ? from : `${from}-${to}`}: ${problem}`);
    this.text = text;
    this.from = from;
    this.to = to;
    this.problem = problem;
  }
}

/** A tensor or an engine was used after `dispose()`, or on an engine that did not make it. */
export class DisposedError extends PrefscopeError {
  override readonly name = 'DisposedError';
}

/** WebGPU was asked for and cannot be had here. */
export class WebGpuUnavailableError extends PrefscopeError {
  override readonly name = 'WebGpuUnavailableError';
}

/** The work needs more than the adapter's limits allow. */
export class DeviceLimitError extends PrefscopeError {
  override readonly name = 'DeviceLimitError';
}

/** The GPU reported a validation, out-of-memory or internal error. */
export class DeviceError extends PrefscopeError {
  override readonly name = 'DeviceError';
}

/** The GPU device went away (driver reset, GPU switch, destroyed). */
export class DeviceLostError extends PrefscopeError {
  override readonly name = 'DeviceLostError';
}

/** A shader does not compile; the message shows file, line and source. */
export class ShaderError extends PrefscopeError {
  override readonly name = 'ShaderError';
}

/** What was asked for is specified but not part of this version. */
export class UnsupportedError extends PrefscopeError {
  override readonly name = 'UnsupportedError';
}
