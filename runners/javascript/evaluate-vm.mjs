// Evaluates a source as an ES module with `vm.SourceTextModule`.

import vm from 'node:vm';

import { keys, makeError, startsWith } from './primordials.mjs';
import { locateSyntaxError, SourceError } from './syntax.mjs';

const { SourceTextModule, SyntheticModule } = vm;

/** Says that a specifier is none of those a function may import. */
export const refusedImport = (specifier) =>
  new makeError(`cannot import "${specifier}": a function can import only "node:" modules`);

/** Wraps a built-in module, or refuses the specifier. */
const resolve = async (specifier) => {
  if (!startsWith(specifier, 'node:')) throw refusedImport(specifier);
  const namespace = await import(specifier);
  const names = keys(namespace);
  const wrapped = new SyntheticModule(
    names,
    () => {
      for (let i = 0; i < names.length; i += 1) wrapped.setExport(names[i], namespace[names[i]]);
    },
    { identifier: specifier },
  );
  return wrapped;
};

const importDynamically = async (specifier) => {
  const wrapped = await resolve(specifier);
  await wrapped.link(resolve);
  await wrapped.evaluate();
  return wrapped;
};

/**
 * Compiles, links and evaluates `source` under the name `identifier`; returns a box with the module's namespace, because a
 * namespace that exports `then` must not be mistaken for a promise. Throws `SourceError` for a source that does not compile.
 */
export const evaluateInVm = async (source, identifier) => {
  if (SourceTextModule === undefined) {
    throw new makeError('checking what a source imports takes Node.js with --experimental-vm-modules or Deno 2.8');
  }
  let module;
  try {
    module = new SourceTextModule(source, {
      identifier,
      importModuleDynamically: importDynamically,
      initializeImportMeta: (meta) => {
        meta.url = `file:///${identifier}`;
      },
    });
  } catch (error) {
    throw new SourceError(error, await locateSyntaxError(source));
  }
  await module.link(resolve);
  await module.evaluate();
  return { __proto__: null, namespace: module.namespace };
};
