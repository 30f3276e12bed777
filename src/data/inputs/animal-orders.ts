import type { DatasetHeader } from '../pose.js';

/**
 * Orders of animals in which a window is seen, the focal one first. Ordered animals are seen in their own order only;
 * exchangeable ones once with each as the focal animal.
 */
export function animalOrders(header: DatasetHeader): readonly (readonly number[])[] {
  const animals = header.animals.names.map((_, animal) => animal);
  if (header.animals.identity === 'ordered') return [animals];
  return animals.map((focal) => [focal, ...animals.filter((animal) => animal !== focal)]);
}
