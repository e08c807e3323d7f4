// The front ends that texts show.

/** Returns the blocks of TypeScript in a text of Markdown, or in the doc comments of Rust. */
export function frontEnds(text) {
  const markdown = text.replace(/^\/\/! ?/gm, "");
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
}
