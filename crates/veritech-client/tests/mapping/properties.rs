//! What holds for every schema and every value.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;
use veritech_client::{How, Mapping, MappingErrors, Pointer, Prop, PropertyValue, Schema};

use crate::arbitrary::{
    fitting, is_same, json, prop, prop_and_broken_value, prop_and_value, without_unset,
};

fn map(prop: &Prop, value: &Value) -> Result<PropertyValue, MappingErrors> {
    Mapping::default().map_value(prop, &Pointer::root(), Some(value))
}

fn is_valid(json_schema: &Value, value: &Value) -> bool {
    let validator = jsonschema::draft202012::new(json_schema).expect("a JSON Schema");
    validator.is_valid(value)
}

proptest! {
    #[test]
    fn a_value_that_fits_is_mapped_and_comes_back_without_what_is_unset(
        (prop, value) in prop_and_value()
    ) {
        let mapped = map(&prop, &value).expect("fits");
        let back = mapped.to_json();
        let expected = without_unset(&prop, &value);
        prop_assert!(is_same(&back, &expected), "{back} is not {expected}");
        prop_assert_eq!(map(&prop, &back), Ok(mapped.clone()));

        let text = RawValue::from_string(value.to_string()).expect("JSON");
        let from_text = Mapping::default().map(&prop, &Pointer::root(), Some(&text));
        prop_assert_eq!(from_text, Ok(mapped));
    }

    #[test]
    fn a_value_that_is_broken_in_some_places_has_those_errors_and_no_others(
        (prop, value, broken) in prop_and_broken_value()
    ) {
        let found = match map(&prop, &value) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.errors,
        };
        let found: Vec<_> = found.into_iter().map(|error| error.pointer).collect();
        prop_assert_eq!(found, broken);
    }

    #[test]
    fn an_exported_schema_has_the_verdict_of_mapping_for_every_value(
        (prop, fitting) in prop_and_value(), any in json(), (other, broken, _) in prop_and_broken_value()
    ) {
        for (prop, value) in [(&prop, &fitting), (&prop, &any), (&prop, &broken), (&other, &broken)] {
            let schema = Schema::try_new(prop.clone()).expect("a schema");
            let is_mapped = map(prop, value).is_ok();
            let json_schema = schema.to_json_schema();
            prop_assert_eq!(is_valid(&json_schema, value), is_mapped, "{} by {}", value, json_schema);
        }
    }

    #[test]
    fn a_schema_survives_its_json_and_json_schema(prop in prop()) {
        let schema = Schema::try_new(prop).expect("a schema");
        prop_assert_eq!(Schema::from_json_schema(&schema.to_json_schema()), Ok(schema.clone()));
        let text = serde_json::to_string(&schema).expect("JSON");
        prop_assert_eq!(Schema::from_json(&text), Ok(schema.clone()));
        let value = serde_json::to_value(&schema).expect("JSON");
        prop_assert_eq!(serde_json::from_value::<Schema>(value).expect("a schema"), schema);
    }

    #[test]
    fn every_property_is_found_by_its_pointer_and_so_is_its_prop(
        (prop, value) in prop_and_value()
    ) {
        let schema = Schema::try_new(prop).expect("a schema");
        let text = RawValue::from_string(value.to_string()).expect("JSON");
        let tree = Mapping::default().tree(&schema, Some(&text)).expect("fits");
        let mut pending = vec![tree.root()];
        while let Some(property) = pending.pop() {
            let pointer = property.pointer();
            prop_assert_eq!(tree.get(&pointer.to_string()), Some(property));
            prop_assert!(schema.at(pointer).is_some(), "{} has no prop", pointer);
            prop_assert_eq!(pointer.to_string().parse(), Ok(pointer.clone()));
            pending.extend(property.children());
        }
    }

    #[test]
    fn changes_are_the_smallest_places_that_differ(
        (prop, old, new) in prop().prop_flat_map(|prop| {
            let (old, new) = (fitting(&prop), fitting(&prop));
            (Just(prop), old, new)
        })
    ) {
        let (old, new) = (map(&prop, &old).expect("fits"), map(&prop, &new).expect("fits"));
        let changes = old.diff(&new);
        prop_assert_eq!(changes.is_empty(), old == new);
        for change in &changes {
            let place = change.pointer.to_string();
            let (before, after) = match change.how {
                How::Set { new } => (None, Some(new)),
                How::Unset { old } => (Some(old), None),
                How::Changed { old, new } => (Some(old), Some(new)),
            };
            prop_assert_eq!(old.get(&place).filter(|old| old.is_set()), before);
            prop_assert_eq!(new.get(&place).filter(|new| new.is_set()), after);
        }
        for (index, change) in changes.iter().enumerate() {
            let mut others = changes.iter().skip(index + 1);
            prop_assert!(!others.any(|other| change.pointer.is_prefix_of(&other.pointer)));
        }
    }

    #[test]
    fn any_json_is_imported_or_refused_with_reasons(value in json(), text in ".{0,64}") {
        if let Err(error) = Schema::from_json_schema(&value) {
            prop_assert!(!error.unmapped.is_empty());
        }
        prop_assert!(Schema::from_json(&text).is_err());
    }
}
