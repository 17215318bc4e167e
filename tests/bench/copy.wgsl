// What the adapter can do at best: every byte read once and written once.

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> target_values: array<vec4f>;

// One invocation four neighbouring numbers.
@compute @workgroup_size(256)
fn copy(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * grid.x) * 256u + lane;
  if (i < arrayLength(&target_values)) { target_values[i] = source[i]; }
}
