//! Uniform resource locators, parsed and changed as the WHATWG standard says.

use rquickjs::function::Func;
use rquickjs::{Ctx, Object, Result};
use url::{Url, form_urlencoded, quirks};

/// Adds what `URL` and `URLSearchParams` are made of.
pub(crate) fn add_to(native: &Object<'_>) -> Result<()> {
    native.set("parseUrl", Func::from(parse))?;
    native.set("setUrlPart", Func::from(set_part))?;
    native.set("parseQuery", Func::from(parse_query))?;
    native.set("formatQuery", Func::from(format_query))
}

/// Returns the parts of `text`, relative to `base` if there is one, or `None` if it is not a URL.
fn parse<'js>(ctx: Ctx<'js>, text: String, base: Option<String>) -> Result<Option<Object<'js>>> {
    let base = match base.map(|base| Url::parse(&base)) {
        Some(Ok(base)) => Some(base),
        Some(Err(_)) => return Ok(None),
        None => None,
    };
    match Url::options().base_url(base.as_ref()).parse(&text) {
        Ok(url) => parts(ctx, &url).map(Some),
        Err(_) => Ok(None),
    }
}

/// Returns the parts of `href` with one of them set to `value`, or `None` if that changes nothing.
fn set_part<'js>(
    ctx: Ctx<'js>,
    href: String,
    part: String,
    value: String,
) -> Result<Option<Object<'js>>> {
    let Ok(mut url) = Url::parse(&href) else {
        return Ok(None);
    };
    let done = match part.as_str() {
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
        _ => Err(()),
    };
    match done {
        Ok(()) => parts(ctx, &url).map(Some),
        Err(()) => Ok(None),
    }
}

fn parts<'js>(ctx: Ctx<'js>, url: &Url) -> Result<Object<'js>> {
    let parts = Object::new(ctx)?;
    parts.set("href", quirks::href(url))?;
    parts.set("origin", quirks::origin(url))?;
    parts.set("protocol", quirks::protocol(url))?;
    parts.set("username", quirks::username(url))?;
    parts.set("password", quirks::password(url))?;
    parts.set("host", quirks::host(url))?;
    parts.set("hostname", quirks::hostname(url))?;
    parts.set("port", quirks::port(url))?;
    parts.set("pathname", quirks::pathname(url))?;
    parts.set("search", quirks::search(url))?;
    parts.set("hash", quirks::hash(url))?;
    Ok(parts)
}

/// Returns the names and values of a query, in turn.
fn parse_query(query: String) -> Vec<String> {
    let query = query.strip_prefix('?').unwrap_or(&query);
    form_urlencoded::parse(query.as_bytes())
        .flat_map(|(name, value)| [name.into_owned(), value.into_owned()])
        .collect()
}

/// Writes names and values, given in turn, as a query.
fn format_query(entries: Vec<String>) -> String {
    let pairs = entries
        .as_chunks()
        .0
        .iter()
        .map(|[name, value]| (name, value));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_survives_a_round_trip() {
        let entries = parse_query("?a=1&b=%C3%A9+x&a=".to_owned());
        assert_eq!(entries, ["a", "1", "b", "é x", "a", ""]);
        assert_eq!(format_query(entries), "a=1&b=%C3%A9+x&a=");
    }
}
