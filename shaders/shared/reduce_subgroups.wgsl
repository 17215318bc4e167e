enable subgroups;

// Merges the stats of all lanes of a workgroup of WORKGROUP lanes: within each subgroup first, then every subgroup merges the
// subgroups' results for itself, so that one barrier is enough. Nothing is assumed of which lanes make up a subgroup.

var<workgroup> partial: array<RowStats, WORKGROUP>;

// The stats of all lanes of the subgroup, in each of them; `place` counts the lanes of the subgroup from 0.
fn subgroup_row_stats(own: RowStats, place: u32) -> RowStats {
  let undefined = subgroupAny(is_nan(own.peak));
  let known = select(own.peak, LOWEST, is_nan(own.peak));
  let peak = subgroupMax(known);
  // The one lane whose largest term stays out of the sum.
  let holder = subgroupMin(select(0xffffffffu, place, known == peak));
  let terms = (1.0 + own.rest) * exp_nonpositive(known - peak);
  let rest = subgroupAdd(select(terms, own.rest, place == holder));
  return RowStats(select(peak, quiet_nan(), undefined), rest);
}

fn reduce_row_stats(lane: u32, own: RowStats) -> RowStats {
  let place = subgroupExclusiveAdd(1u);
  let lanes = subgroupAdd(1u);
  let reduced = subgroup_row_stats(own, place);
  let speaks = lane == subgroupMin(lane); // one lane of each subgroup hands its result on
  partial[lane] = RowStats(select(LOWEST, reduced.peak, speaks), select(-1.0, reduced.rest, speaks));
  workgroupBarrier();
  var others = row_stats_empty();
  for (var i = place; i < WORKGROUP; i += lanes) { others = row_stats_merge(others, partial[i]); }
  return subgroup_row_stats(others, place);
}
