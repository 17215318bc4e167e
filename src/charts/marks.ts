export type Mark = 'circle' | 'square' | 'diamond';

const paths: Record<Mark, (area: number) => string> = {
  circle(area) {
    const radius = Math.sqrt(area / Math.PI);
    return `M${radius} 0A${radius} ${radius} 0 1 1 ${-radius} 0A${radius} ${radius} 0 1 1 ${radius} 0`;
  },
  square(area) {
    const half = Math.sqrt(area) / 2;
    return `M${-half} ${-half}H${half}V${half}H${-half}Z`;
  },
  diamond(area) {
    // two equilateral triangles: half the width is tan 30° of half the height
    const height = Math.sqrt((area * Math.sqrt(3)) / 2);
    const width = height / Math.sqrt(3);
    return `M0 ${-height}L${width} 0L0 ${height}L${-width} 0Z`;
  },
};

/** SVG path of a mark around the origin; its area in square pixels. */
export const markPath = (mark: Mark, area: number): string => paths[mark](area);
