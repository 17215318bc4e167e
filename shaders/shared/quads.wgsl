// A row is read in quads, four neighbouring logits each; a slot of the kernel says how one is loaded. A row may be cut into
// `params.parts` parts: runs of `params.run` quads, or, where `params.run` is 0, every `params.parts`-th quad, so that
// neighbouring invocations read neighbouring memory.

struct Quads {
  // the first quad
  first: u32,
  // one past the last quad
  end: u32,
  // from one quad to the next
  step: u32,
}

fn quads_of_row() -> u32 {
  return (params.columns + 3u) / 4u;
}

fn quads_of_part(part: u32) -> Quads {
  let first = part * params.run;
  let last = min(first + params.run, quads_of_row());
  if (params.run == 0u) { return Quads(part, quads_of_row(), params.parts); }
  return Quads(first, last, 1u);
}

// The quads of one lane out of `lanes` that share `whole`.
fn quads_of_lane(whole: Quads, lane: u32, lanes: u32) -> Quads {
  return Quads(whole.first + lane * whole.step, whole.end, whole.step * lanes);
}
