// Writes the style sheets and the script: node bundle.mjs OUT
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundle, transform } from "lightningcss";
import { compile } from "sass";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = process.argv[2];
const version = (major, minor = 0) => (major << 16) | (minor << 8);
const TARGETS = { chrome: version(105), firefox: version(121), safari: version(15, 4) }; // the first with :has()

// One sheet for both directions of writing: the left of a line of English is where a line begins.
const SIDES = { left: "start", right: "end" };

function logical(css) {
  return css
    .replace(/(?<=[\s;{])(margin|padding|border)-(left|right)(?=[\w-]*:)/g, (_, kind, side) => `${kind}-inline-${SIDES[side]}`)
    .replace(/(?<=[\s;{])(left|right)(?=:)/g, (side) => `inset-inline-${SIDES[side]}`)
    .replace(/(?<=text-align: )(left|right)/g, (side) => SIDES[side]);
}

function components() {
  const { css } = compile(join(HERE, "css/govuk.scss"), { loadPaths: [join(HERE, "node_modules")] });
  const code = Buffer.from(logical(css));
  return transform({ filename: "govuk.css", code, minify: true, targets: TARGETS }).code.toString();
}

function sheet(path) {
  return bundle({ filename: join(HERE, path), minify: true, targets: TARGETS }).code.toString();
}

// app.js is on every page; a folder with a page.js or a worker.js is a script of its own: <folder>.js, <folder>-worker.js.
function scripts() {
  const found = { app: join(HERE, "js/app.js") };
  for (const folder of readdirSync(join(HERE, "js"))) {
    for (const [file, name] of [["page.js", folder], ["worker.js", `${folder}-worker`]]) {
      const path = join(HERE, "js", folder, file);
      if (existsSync(path)) found[name] = path;
    }
  }
  return found;
}

writeFileSync(join(OUT, "app.css"), components() + sheet("css/app.css"));
for (const name of readdirSync(join(HERE, "css/pages"))) writeFileSync(join(OUT, name), sheet(`css/pages/${name}`));
await build({
  entryPoints: scripts(),
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome105", "firefox121", "safari15.4"],
});
