//#include shared/row_stats
//#include shared/quads

// Stats of some quads of the row that begins at `base`, read once.
fn read_row_stats(base: u32, quads: Quads) -> RowStats {
  var running = running_empty();
  var quad = quads.first;
  for (; quad + 3u * quads.step < quads.end; quad += 4u * quads.step) {
    running = running_add16(running, load_quads(base, quad, quads.step));
  }
  for (; quad < quads.end; quad += quads.step) { running = running_add4(running, load_quad(base, quad)); }
  return running_total(running);
}
