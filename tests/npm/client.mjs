// Generates a client from the two OpenAPI documents, compiles `client.ts` with it as strictly as there is, and lets it call:
//
//     node client.mjs FOLDER          (product.json, ops.json and asks.json stand in FOLDER)
//
// Prints a line a call; exit code 1 if a document makes no types, the client does not compile, or a call is not answered as typed.

import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const folder = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

for (const name of ['product', 'ops']) {
  // A member with a default may be left out.
  const types = await openapiTS(read(`${name}.json`), { defaultNonNullable: false });
  writeFileSync(join(folder, `${name}.ts`), astToString(types));
}
copyFileSync(join(here, 'client.ts'), join(folder, 'client.ts'));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));

const program = ts.createProgram([join(folder, 'client.ts')], {
  exactOptionalPropertyTypes: true,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2022,
  types: [],
});
const wrong = ts.getPreEmitDiagnostics(program);
if (wrong.length > 0) {
  console.log(ts.formatDiagnostics(wrong, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  }));
  process.exit(1);
}
program.emit();
console.log('the client compiles');
const { run } = await import(pathToFileURL(join(folder, 'client.js')).href);
try {
  for (const said of await run(read('asks.json'))) console.log(said);
} catch (error) {
  console.log(`${error.stack ?? error}`);
  process.exit(1);
}
