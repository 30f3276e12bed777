/**
 * NT-Xent in float64, straight from its definition: for each row the log of the softmax over the allowed others, at
 * its counterpart.
 */
export function ntXentTwin(
  similarity: readonly (readonly number[])[],
  counterpart: ArrayLike<number>,
  isLeftOut: (row: number, column: number) => boolean,
  rowWeight: ArrayLike<number>,
): number {
  let total = 0;
  let weight = 0;
  similarity.forEach((row, i) => {
    const terms = row.filter((_, j) => !isLeftOut(i, j)).map(Math.exp);
    const denominator = terms.reduce((sum, term) => sum + term, 0);
    total += rowWeight[i] * -Math.log(Math.exp(row[counterpart[i]]) / denominator);
    weight += rowWeight[i];
  });
  return total / weight;
}
