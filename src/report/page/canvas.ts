/** Fits a canvas to its place on the screen; gives its context in CSS pixels. */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const density = Math.max(1, Math.min(3, devicePixelRatio || 1));
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no canvas');
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** The width that an element has, or would have. */
export function widthOf(element: HTMLElement, otherwise: number): number {
  return element.clientWidth > 0 ? element.clientWidth : otherwise;
}
