// node parse_mermaid.mjs FILE...: parses every Mermaid block with the script that draws it in the site.
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';

// As much of a browser as the script asks for to parse.
const document = { nodeType: 9, implementation: {}, createElement: () => ({}) };
globalThis.window = { document, Element: class {} };
runInThisContext(readFileSync(new URL('node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js', import.meta.url), 'utf8'));

for (const file of process.argv.slice(2)) {
  for (const [, text] of readFileSync(file, 'utf8').matchAll(/^```mermaid\n(.*?)^```$/gms)) {
    try {
      await globalThis.mermaid.parse(text);
    } catch (error) {
      const [what, where] = error.message.split('\n');
      console.error(`${file}: ${text.split('\n')[0]}: ${what} ${where ?? ''} (a ";" ends a statement)`);
      process.exitCode = 1;
    }
  }
}
