// `URL` and `URLSearchParams`. Parsing, and what setting a part changes, are the runner's.
export default function (internals) {
  const { native, expose, TypeError, toWellFormed, iterator, defineProperty, toStringTag, keys, list, apply, sort } = internals;
  const text = (value) => toWellFormed(`${value}`);

  class URL {
    #parts;
    #params = null;

    constructor(url, base = undefined) {
      const parts = native.parseUrl(text(url), base === undefined ? null : text(base));
      if (parts === undefined) {
        const error = new TypeError("Invalid URL");
        error.code = "ERR_INVALID_URL";
        error.input = `${url}`;
        throw error;
      }
      this.#parts = parts;
    }
    static canParse(url, base = undefined) {
      return native.parseUrl(text(url), base === undefined ? null : text(base)) !== undefined;
    }
    static parse(url, base = undefined) {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }
    #set(part, value) {
      const parts = native.setUrlPart(this.#parts.href, part, text(value));
      if (parts === undefined) return false;
      this.#parts = parts;
      return true;
    }
    get href() { return this.#parts.href; }
    set href(value) {
      const parts = native.parseUrl(text(value), null);
      if (parts === undefined) throw new TypeError("Invalid URL");
      this.#parts = parts;
      if (this.#params !== null) refill(this.#params, parts.search);
    }
    get origin() { return this.#parts.origin; }
    get protocol() { return this.#parts.protocol; }
    set protocol(value) { this.#set("protocol", value); }
    get username() { return this.#parts.username; }
    set username(value) { this.#set("username", value); }
    get password() { return this.#parts.password; }
    set password(value) { this.#set("password", value); }
    get host() { return this.#parts.host; }
    set host(value) { this.#set("host", value); }
    get hostname() { return this.#parts.hostname; }
    set hostname(value) { this.#set("hostname", value); }
    get port() { return this.#parts.port; }
    set port(value) { this.#set("port", value); }
    get pathname() { return this.#parts.pathname; }
    set pathname(value) { this.#set("pathname", value); }
    get search() { return this.#parts.search; }
    set search(value) {
      this.#set("search", value);
      if (this.#params !== null) refill(this.#params, this.#parts.search);
    }
    get hash() { return this.#parts.hash; }
    set hash(value) { this.#set("hash", value); }
    get searchParams() {
      if (this.#params === null) {
        this.#params = attached(this.#parts.search, (query) => {
          this.#set("search", query);
        });
      }
      return this.#params;
    }
    toString() { return this.#parts.href; }
    toJSON() { return this.#parts.href; }
  }

  let refill;
  let attached;

  class URLSearchParams {
    // Names and values in turn, in a list that no prototype can interfere with.
    #entries = list();
    #changed = null;

    static {
      refill = (params, query) => {
        params.#entries = parsed(query);
      };
      attached = (query, changed) => {
        const params = new URLSearchParams();
        params.#entries = parsed(query);
        params.#changed = changed;
        return params;
      };
    }

    constructor(init = "") {
      if (init === null || (typeof init !== "object" && typeof init !== "function")) {
        this.#entries = parsed(`${init}`);
      } else if (typeof init[iterator] === "function") {
        for (const pair of init) {
          const [name, value, ...rest] = pair;
          if (rest.length > 0 || value === undefined) {
            throw new TypeError("Each query pair must be an iterable [name, value] tuple");
          }
          this.#push(text(name), text(value));
        }
      } else {
        const names = keys(init);
        for (let i = 0; i < names.length; i++) this.#push(text(names[i]), text(init[names[i]]));
      }
    }
    #push(name, value) {
      this.#entries[this.#entries.length] = name;
      this.#entries[this.#entries.length] = value;
    }
    #update() {
      if (this.#changed !== null) this.#changed(this.toString());
    }
    // Keeps the pairs that `keep` accepts.
    #filter(keep) {
      const entries = this.#entries;
      this.#entries = list();
      for (let i = 0; i < entries.length; i += 2) {
        if (keep(entries[i], entries[i + 1])) this.#push(entries[i], entries[i + 1]);
      }
    }
    get size() {
      return this.#entries.length / 2;
    }
    append(name, value) {
      this.#push(text(name), text(value));
      this.#update();
    }
    delete(name, value = undefined) {
      const [wanted, only] = [text(name), value === undefined ? undefined : text(value)];
      this.#filter((key, held) => key !== wanted || (only !== undefined && held !== only));
      this.#update();
    }
    get(name) {
      const wanted = text(name);
      for (let i = 0; i < this.#entries.length; i += 2) {
        if (this.#entries[i] === wanted) return this.#entries[i + 1];
      }
      return null;
    }
    getAll(name) {
      const wanted = text(name);
      const found = [];
      for (let i = 0; i < this.#entries.length; i += 2) {
        if (this.#entries[i] === wanted) found.push(this.#entries[i + 1]);
      }
      return found;
    }
    has(name, value = undefined) {
      const [wanted, only] = [text(name), value === undefined ? undefined : text(value)];
      for (let i = 0; i < this.#entries.length; i += 2) {
        if (this.#entries[i] === wanted && (only === undefined || this.#entries[i + 1] === only)) return true;
      }
      return false;
    }
    set(name, value) {
      const [wanted, replacement] = [text(name), text(value)];
      let placed = false;
      const entries = this.#entries;
      this.#entries = list();
      for (let i = 0; i < entries.length; i += 2) {
        if (entries[i] !== wanted) this.#push(entries[i], entries[i + 1]);
        else if (!placed) {
          this.#push(wanted, replacement);
          placed = true;
        }
      }
      if (!placed) this.#push(wanted, replacement);
      this.#update();
    }
    sort() {
      const pairs = [];
      for (const pair of this.entries()) pairs.push(pair);
      sort(pairs, ([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
      this.#entries = list();
      for (const [name, value] of pairs) this.#push(name, value);
      this.#update();
    }
    forEach(callback, receiver = undefined) {
      for (let i = 0; i < this.#entries.length; i += 2) {
        apply(callback, receiver, [this.#entries[i + 1], this.#entries[i], this]);
      }
    }
    *entries() {
      for (let i = 0; i < this.#entries.length; i += 2) yield [this.#entries[i], this.#entries[i + 1]];
    }
    *keys() {
      for (let i = 0; i < this.#entries.length; i += 2) yield this.#entries[i];
    }
    *values() {
      for (let i = 0; i < this.#entries.length; i += 2) yield this.#entries[i + 1];
    }
    toString() {
      return native.formatQuery(this.#entries);
    }
  }
  defineProperty(URLSearchParams.prototype, iterator, {
    __proto__: null, value: URLSearchParams.prototype.entries, writable: true, configurable: true,
  });

  const parsed = (query) => internals.listed(native.parseQuery(toWellFormed(query)));

  const enumerableParts = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "searchParams", "hash"];
  for (const name of enumerableParts) {
    const descriptor = internals.getOwnPropertyDescriptor(URL.prototype, name);
    descriptor.enumerable = true;
    defineProperty(URL.prototype, name, descriptor);
  }
  for (const [name, constructor] of [["URL", URL], ["URLSearchParams", URLSearchParams]]) {
    defineProperty(constructor.prototype, toStringTag, { __proto__: null, value: name, configurable: true });
    expose(name, constructor);
  }
}
