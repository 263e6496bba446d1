//! Derive macros of Ferrocrete: [`Resource`](derive@Resource),
//! [`Properties`](derive@Properties), [`Outputs`](derive@Outputs),
//! [`Lookup`](derive@Lookup); and [`interpolate!`].
//!
//! Use them through `ferrocrete` or `ferrocrete-core`, which re-export them and hold the
//! traits that they implement.

mod attrs;
mod interpolate;
mod lookup;
mod outputs;
mod properties;
mod resource;
mod support;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// A struct of properties that is nested in a resource or lookup.
///
/// For a struct `X` it writes
///
/// - `impl Properties for X`: the list of properties, with documentation and attributes;
/// - `impl Debug for X`, which prints `[secret]` for properties marked `secret`;
/// - `X::builder()`, whose setters take literals and outputs alike. The builder itself can be
///   used wherever an `Input<X>` is wanted, once every required property is set.
///
/// A property is `T` when it must be set and `Option<T>` when not. `#[field(…)]` says how it
/// behaves; several attributes are separated by commas:
///
/// | attribute | meaning |
/// |---|---|
/// | `replaces` | a change replaces the resource |
/// | `secret` | the value is secret whatever the program gives |
/// | `secret_if(kind = "Sealed")` | it is where the property `kind` beside it is `Sealed` |
/// | `write_only` | the cloud never returns it |
/// | `server_default` | the cloud fills it in; taking it out of the program changes nothing |
/// | `default = false` | what it is in the cloud where nothing is declared: taking it out sets it again, another value is drift |
/// | `moves(version)`, `moves(up)`, `moves(anywhere)`, `moves(steered)` | the cloud moves it by itself: that is neither drift nor undone |
/// | `implies(open = false)` | the resource whose output stands here has this property with this value, unless the program declares it |
/// | `steers` | this resource makes the cloud move what is `moves(steered)` in the resource whose output stands here |
/// | `set` | list whose order means nothing |
/// | `by("name")` | list of things with names: members belong together by that property, order means nothing |
/// | `drops_empty` | map of which the cloud drops entries that are empty texts |
/// | `json` | JSON document in a string, compared as JSON |
/// | `ordered_json` | the same where the order of lists counts |
/// | `partial_json` | JSON document that the cloud completes: only what is declared in it is compared |
/// | `policy` | policy document of IAM or of a resource, compared by what it means |
/// | `case_insensitive` | compared without regard to case |
/// | `dns_name` | domain name, or list of them, compared without regard to case, a final dot and order |
/// | `aliases("6" = "tcp", …)` | other spellings of a value, compared as what they mean |
/// | `cidr` | block of IP addresses in CIDR notation, compared as a network; of a list, the order means nothing |
/// | `maybe_cidr` | text, or list of texts without order, of which blocks of IP addresses are compared as networks |
/// | `public_key` | public key for SSH, compared by its type and key material |
/// | `tags` | the tags map, in a resource only |
/// | `name(max = 63, lowercase, extra = "-.")` | the physical name, in a resource only |
/// | `affects("output", …)` | outputs that a change may change, in a resource only |
///
/// Attributes count wherever the struct is nested: by itself, in `Option`, `Box`, `Vec`, arrays
/// and maps from `String`, in other nested structs, and in itself.
///
/// ```
/// use ferrocrete_core::{Input, Output, Properties};
/// use serde::{Deserialize, Serialize};
///
/// /// A disk.
/// #[derive(Clone, Serialize, Deserialize, Properties)]
/// struct Disk {
///     /// Size in gibibytes.
///     size: i32,
///     /// Key that encrypts it.
///     key_id: Option<String>,
/// }
///
/// let key: Output<String> = Output::of("k-1".to_owned());
/// let disk: Input<Disk> = Disk::builder().size(8).key_id(&key).into();
/// ```
///
/// A missing required property does not compile:
///
/// ```compile_fail,E0277
/// # use ferrocrete_core::{Input, Properties};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Serialize, Deserialize, Properties)]
/// # struct Disk { size: i32, key_id: Option<String> }
/// let disk: Input<Disk> = Disk::builder().key_id("k-1").into();
/// ```
///
/// Nor does one that does not exist, one that is set twice, or one of another type:
///
/// ```compile_fail,E0599
/// # use ferrocrete_core::{Input, Properties};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Serialize, Deserialize, Properties)]
/// # struct Disk { size: i32, key_id: Option<String> }
/// let disk: Input<Disk> = Disk::builder().size(8).colour("red").into();
/// ```
///
/// ```compile_fail,E0277
/// # use ferrocrete_core::{Input, Properties};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Serialize, Deserialize, Properties)]
/// # struct Disk { size: i32, key_id: Option<String> }
/// let disk: Input<Disk> = Disk::builder().size(8).size(9).into();
/// ```
///
/// ```compile_fail,E0277
/// # use ferrocrete_core::{Input, Properties};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Serialize, Deserialize, Properties)]
/// # struct Disk { size: i32, key_id: Option<String> }
/// let disk: Input<Disk> = Disk::builder().size("big").into();
/// ```
#[proc_macro_derive(Properties, attributes(field))]
pub fn derive_properties(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(properties::derive(&input))
}

/// The outputs of a resource or lookup. A struct that is nested in one derives
/// [`Properties`](derive@Properties); of its attributes only `secret` counts.
///
/// For a struct `X` it writes `XRef`, with the same fields as `Output`s, `impl Outputs for X`,
/// and `impl Debug for X`, which prints `[secret]` for outputs marked `secret`; so `X` derives no
/// `Debug` of its own, which would print them. `#[output(secret)]` marks a value that is never shown;
/// `#[output(from_input)]` one that equals the input of the same name, so that a plan knows it
/// before the create.
///
/// ```
/// use ferrocrete_core::{Output, Outputs};
/// use serde::{Deserialize, Serialize};
///
/// /// What is known of a disk.
/// #[derive(Clone, Serialize, Deserialize, Outputs)]
/// struct DiskOutputs {
///     /// Its id.
///     disk_id: String,
/// }
///
/// fn id(disk: &DiskOutputsRef) -> &Output<String> {
///     &disk.disk_id
/// }
/// ```
///
/// ```compile_fail,E0119
/// # use ferrocrete_core::Outputs;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
/// struct SafeOutputs {
///     #[output(secret)]
///     code: String,
/// }
/// ```
#[proc_macro_derive(Outputs, attributes(output))]
pub fn derive_outputs(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(outputs::derive(&input))
}

/// A resource type: all that [`Properties`](derive@Properties) writes, and
/// `impl ResourceType` with its schema.
///
/// | in `#[resource(…)]` | meaning |
/// |---|---|
/// | `type = "…"` | type name; required |
/// | `outputs = T` | outputs struct; default: the struct's name followed by `Outputs` |
/// | `link = "…"` | the cloud's documentation page |
/// | `delete_before_replace` | old and new cannot exist side by side |
/// | `update_anytime` | an update need not wait for what the cloud works on, and helps what failed |
/// | `identity("field", …)` | these values are what the cloud knows it by: what has the same ones is the same thing |
/// | `unique("field", …)` | only one at a time may have these values; may be given several times |
/// | `claims = function` | what else only one may have, from the properties: `fn(&PropertyMap) -> Vec<Claim>` |
/// | `check = function` | what the cloud would refuse of known values: `fn(Known<'_>) -> Vec<Finding>` |
/// | `mentions = function` | resources that it names in plain text, and so waits for: `fn(Known<'_>) -> Vec<Mention>` |
/// | `global` | `identity` and `unique` count in all regions of an account together |
/// | `together` | the type sends changes that fall together as one call: an exchange of unique values is one |
/// | `held_by_users` | the cloud refuses to delete it while another resource uses it |
/// | `deleted_with = "field"` | the cloud deletes it together with the resource whose id that property holds |
/// | `eventual("Code", "Code" = "piece of the message", …)` | answers of create and update that mean "what was made or changed moments ago is not visible yet" |
/// | `passing("Code" = "…", …)` | answers that always mean "in a moment" |
/// | `busy("Code" = "…", …)` | answers that mean "something is still going on", or going away |
/// | `busy_for = 2700` | how long that is borne, in seconds; default: 300 |
/// | `name_lingers` | the cloud keeps the names of what was deleted for a while |
/// | `settles = 60` | for how many seconds it may still look ready after it accepted an update |
/// | `iam(create("action", …), …)` | IAM actions of `create`, `read`, `find`, `update`, `delete` |
///
/// ```
/// use ferrocrete_core::resource::{ResourceType, Tags};
/// use ferrocrete_core::{Outputs, Resource};
/// use serde::{Deserialize, Serialize};
///
/// /// A disk.
/// #[derive(Clone, Serialize, Deserialize, Resource)]
/// #[resource(type = "Test::Disk", busy("InUse"))]
/// struct Disk {
///     /// Size in gibibytes. Replaces.
///     #[field(replaces, affects("address"))]
///     size: i32,
///     /// Tags.
///     #[field(tags)]
///     tags: Option<Tags>,
/// }
///
/// /// What is known of a [`Disk`].
/// #[derive(Clone, Serialize, Deserialize, Outputs)]
/// struct DiskOutputs {
///     /// Where it is.
///     address: String,
/// }
///
/// assert_eq!(Disk::SCHEMA.busy_codes[0].code, "InUse");
/// ```
///
/// Names of outputs and properties in attributes are checked:
///
/// ```compile_fail,E0080
/// # use ferrocrete_core::{Outputs, Resource};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Serialize, Deserialize, Resource)]
/// #[resource(type = "Test::Disk", outputs = DiskOutputs)]
/// struct Disk {
///     #[field(affects("adress"))]
///     size: i32,
/// }
/// # #[derive(Clone, Serialize, Deserialize, Outputs)]
/// # struct DiskOutputs { address: String }
/// ```
///
/// ```compile_fail,E0080
/// # use ferrocrete_core::{Outputs, Resource};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Serialize, Deserialize, Resource)]
/// # #[resource(type = "Test::Disk", outputs = DiskOutputs)]
/// # struct Disk { size: i32 }
/// #[derive(Clone, Serialize, Deserialize, Outputs)]
/// struct DiskOutputs {
///     #[output(from_input)]
///     address: String, // `Disk` has no `address`
/// }
/// ```
///
/// An output that repeats a secret property is secret, too:
///
/// ```compile_fail,E0080
/// # use ferrocrete_core::{Outputs, Resource};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Serialize, Deserialize, Resource)]
/// #[resource(type = "Test::Disk", outputs = DiskOutputs)]
/// struct Disk {
///     #[field(secret)]
///     key: String,
/// }
///
/// #[derive(Clone, Serialize, Deserialize, Outputs)]
/// struct DiskOutputs {
///     #[output(from_input)] // and `secret`
///     key: String,
/// }
/// ```
///
/// ```compile_fail
/// # use ferrocrete_core::{Outputs, Resource};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Serialize, Deserialize, Resource)]
/// #[resource(type = "Test::Disk", outputs = DiskOutputs, deleted_with = "machine")]
/// struct Disk {
///     machine_id: String,
/// }
/// # #[derive(Clone, Serialize, Deserialize, Outputs)]
/// # struct DiskOutputs { address: String }
/// ```
#[proc_macro_derive(Resource, attributes(resource, field))]
pub fn derive_resource(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(resource::derive(&input))
}

/// A lookup: all that [`Properties`](derive@Properties) writes, and `impl LookupType`.
///
/// A lookup without arguments is a struct with empty braces.
///
/// ```
/// use ferrocrete_core::{Input, Lookup, Outputs};
/// use serde::{Deserialize, Serialize};
///
/// /// The network that is always there.
/// #[derive(Clone, Serialize, Deserialize, Lookup)]
/// #[lookup(type = "Test::DefaultNetwork")]
/// struct DefaultNetwork {}
///
/// /// What is known of a [`DefaultNetwork`].
/// #[derive(Clone, Serialize, Deserialize, Outputs)]
/// struct DefaultNetworkOutputs {
///     /// Its id.
///     network_id: String,
/// }
///
/// let question: Input<DefaultNetwork> = DefaultNetwork::builder().into();
/// ```
#[proc_macro_derive(Lookup, attributes(lookup, field))]
pub fn derive_lookup(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(lookup::derive(&input))
}

/// Text with values in it, like `format!`, that may be known only during the apply: an
/// `Output<String>`.
///
/// `{}` takes the next argument, `{name}` a variable; `{{` and `}}` are braces. A value is an
/// output, an input, a secret, text, a whole number, a `char` or a `bool`, or a reference to
/// one; nothing is moved. The text is secret when one of them is.
///
/// ```
/// use ferrocrete_core::{Output, interpolate};
/// let (address, port) = (Output::of("10.0.0.1".to_owned()), 8000);
/// let url: Output<String> = interpolate!("http://{}:{port}/x", &address);
/// ```
///
/// Every value has its place, and formatting is done before:
///
/// ```compile_fail
/// # use ferrocrete_core::interpolate;
/// interpolate!("{} and {}", 1);
/// ```
///
/// ```compile_fail
/// # use ferrocrete_core::interpolate;
/// interpolate!("{:>8}", 1);
/// ```
#[proc_macro]
pub fn interpolate(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as interpolate::Input);
    finish(interpolate::expand(&input))
}

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|e| e.to_compile_error()).into()
}
