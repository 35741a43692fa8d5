/** A colour of one's own, the same wherever one is shown. */
export function hueOf(id: string): number {
  let hash = 7;
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360_007;
  return (hash * 47) % 360;
}
