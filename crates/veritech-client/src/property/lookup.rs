//! Values by their place, those within `Json` too.

use serde_json::Value;

use super::{Content, PropertyTree};
use crate::pointer::{self, Pointer};

impl PropertyTree {
    /// Returns what is in a place; nothing if that is not set.
    pub(crate) fn value_at(&self, at: &Pointer) -> Option<Value> {
        let mut tokens = at.tokens().into_iter();
        let mut place = self.root();
        loop {
            if let Some(Content::Json(json)) = place.content() {
                return within(json, tokens).cloned();
            }
            match tokens.next() {
                Some(token) => place = place.child(token)?,
                None => return place.is_set().then(|| place.to_json()),
            }
        }
    }
}

fn within<'a, 'b>(json: &'a Value, mut tokens: impl Iterator<Item = &'b str>) -> Option<&'a Value> {
    tokens.try_fold(json, |place, token| match place {
        Value::Object(members) => members.get(token),
        Value::Array(elements) => elements.get(pointer::index(token)?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}
