// A dispatch holds at most 65535 workgroups in each direction, so long grids are folded into two.

fn linear_workgroup(group: vec3u, grid: vec3u) -> u32 {
  return group.x + group.y * grid.x;
}
