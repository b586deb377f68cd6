// Evaluates a source as an ES module with `vm.SourceTextModule`.

import { keys, makeError, startsWith } from './primordials.mjs';
import { locateSyntaxError, SourceError } from './syntax.mjs';

/** Says that a specifier is none of those a function may import. */
export const refusedImport = (specifier) =>
  new makeError(`cannot import "${specifier}": a function can import only "node:" modules`);

/** Returns what wraps a built-in module for `node:vm`, or refuses the specifier. */
const resolveWith = ({ SyntheticModule }) => async (specifier) => {
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

const importWith = (resolve) => async (specifier) => {
  const wrapped = await resolve(specifier);
  await wrapped.link(resolve);
  await wrapped.evaluate();
  return wrapped;
};

/**
 * Compiles, links and evaluates `source` under the name `identifier` with what `node:vm` exports; returns a box with the module's
 * namespace, because a namespace that exports `then` must not be mistaken for a promise. Throws `SourceError` for a source that
 * does not compile.
 */
export const evaluateInVm = async (vm, source, identifier) => {
  const { SourceTextModule } = vm;
  if (SourceTextModule === undefined) {
    throw new makeError('checking what a source imports takes Node.js with --experimental-vm-modules or Deno 2.8');
  }
  const resolve = resolveWith(vm);
  let module;
  try {
    module = new SourceTextModule(source, {
      identifier,
      importModuleDynamically: importWith(resolve),
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
