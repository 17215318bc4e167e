// Merges the stats of all lanes of a workgroup of WORKGROUP lanes: a tree in workgroup memory.

var<workgroup> partial: array<RowStats, WORKGROUP>;

fn reduce_row_stats(lane: u32, own: RowStats) -> RowStats {
  partial[lane] = own;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = row_stats_merge(partial[lane], partial[lane + half]); }
  }
  workgroupBarrier();
  return partial[0];
}
