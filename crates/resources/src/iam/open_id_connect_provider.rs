//! `AWS::IAM::OIDCProvider`: lets those whom another party signed in take on roles.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateOpenIDConnectProvider |
//! | read, find | GetOpenIDConnectProvider per provider, concurrently |
//! | update | AddClientIDToOpenIDConnectProvider, RemoveClientIDFromOpenIDConnectProvider, UpdateOpenIDConnectProviderThumbprint, TagOpenIDConnectProvider, UntagOpenIDConnectProvider |
//! | delete | DeleteOpenIDConnectProvider |
//!
//! Traps: an account has one provider per address, by which IAM knows it
//! (API_CreateOpenIDConnectProvider). AWS forgets the `https://` of the address and
//! makes the rest part of the ARN.
//! Left out: nothing.
//! Differences:
//! - required `url`: there is no provider without an address.

use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput as Sdk;

use super::shared::{from_sdk, to_sdk};
use crate::aws::answer::{list_delta, ours_or, partition};
use ferrocrete_core::schema::{Finding, Known};

use crate::prelude::*;

/// Lets those whom another party signed in, such as GitHub's workflows, take on roles.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::IAM::OIDCProvider",
    identity("url"),
    check = check,
    global,
    eventual("NoSuchEntity"),
    busy("ConcurrentModification", "EntityTemporarilyUnmodifiable"),
    iam(
        create(
            "iam:CreateOpenIDConnectProvider",
            "iam:TagOpenIDConnectProvider",
            "iam:GetOpenIDConnectProvider"
        ),
        read("iam:GetOpenIDConnectProvider"),
        find("iam:GetOpenIDConnectProvider"),
        update(
            "iam:AddClientIDToOpenIDConnectProvider",
            "iam:RemoveClientIDFromOpenIDConnectProvider",
            "iam:UpdateOpenIDConnectProviderThumbprint",
            "iam:TagOpenIDConnectProvider",
            "iam:UntagOpenIDConnectProvider"
        ),
        delete("iam:DeleteOpenIDConnectProvider")
    )
)]
pub struct OpenIdConnectProvider {
    /// Address, such as `https://token.actions.githubusercontent.com`. Replaces.
    #[field(replaces)]
    pub url: String,
    /// Audiences that are accepted, such as `sts.amazonaws.com`; up to 100. Default: none.
    #[field(set)]
    pub client_id_list: Option<Vec<String>>,
    /// SHA-1 of the certificates that are trusted, 40 hexadecimal digits each, up to 5. Default:
    /// AWS asks the address. AWS does not look at them where it knows the authority.
    #[field(set, server_default)]
    pub thumbprint_list: Option<Vec<String>>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of an [`OpenIdConnectProvider`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct OpenIdConnectProviderOutputs {
    /// ARN, such as `arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com`.
    pub arn: String,
}

fn check(known: Known<'_>) -> Vec<Finding> {
    let plain = known.text("url").filter(|url| !url.starts_with("https://"));
    plain
        .map(|url| Finding::new("url", format!("{url:?} must begin with `https://`")))
        .into_iter()
        .collect()
}

impl Resource for OpenIdConnectProvider {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "iam:CreateOpenIDConnectProvider";
        let call = cx
            .iam()
            .create_open_id_connect_provider()
            .url(&self.url)
            .set_client_id_list(self.client_id_list.clone())
            .set_thumbprint_list(self.thumbprint_list.clone())
            .set_tags(Some(to_sdk(&self.tags)));
        let answer = match call.send().await.op(CALL) {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        let arn = need(answer.open_id_connect_provider_arn, CALL, "arn")?;
        Ok(Made::Ready(arn.clone(), OpenIdConnectProviderOutputs { arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let provider = get(cloud, &item.id).await?;
            Ok(provider.map(|p| live(&p, &item.id, item.inputs.as_ref())))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let own = cx.namespace().await?;
        let (partition, host) = (partition(&own.region), bare(&self.url));
        let arn = format!("arn:{partition}:iam::{}:oidc-provider/{host}", own.account);
        let provider = get(cx, &arn).await?;
        Ok(provider.filter(|p| tags::is_ours(cx, &from_sdk(p.tags()))).map(|_| arn))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("client_id_list") {
            self.set_clients(cx, id, old).await?;
        }
        if let (true, Some(list)) = (changes.has("thumbprint_list"), &self.thumbprint_list) {
            let call = cx.iam().update_open_id_connect_provider_thumbprint();
            let call =
                call.open_id_connect_provider_arn(id).set_thumbprint_list(Some(list.clone()));
            call.send().await.op("iam:UpdateOpenIDConnectProviderThumbprint")?;
        }
        if changes.has("tags") {
            retagged!(
                cx.iam(), open_id_connect_provider_arn(id), &old.tags => &self.tags, to_sdk,
                tag_open_id_connect_provider: "iam:TagOpenIDConnectProvider",
                untag_open_id_connect_provider: "iam:UntagOpenIDConnectProvider"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.iam().delete_open_id_connect_provider().open_id_connect_provider_arn(id);
        gone(call.send().await.op("iam:DeleteOpenIDConnectProvider"))
    }
}

impl OpenIdConnectProvider {
    /// One call per audience. Both calls succeed when there is nothing to do.
    async fn set_clients(&self, cx: &Cx, id: &str, old: &Self) -> Result<()> {
        let old = old.client_id_list.as_deref().unwrap_or_default();
        let (add, remove) = list_delta(old, &self.client_id_list);
        for client in add.unwrap_or_default() {
            let call = cx.iam().add_client_id_to_open_id_connect_provider();
            let call = call.open_id_connect_provider_arn(id).client_id(client);
            call.send().await.op("iam:AddClientIDToOpenIDConnectProvider")?;
        }
        for client in remove.unwrap_or_default() {
            let call = cx.iam().remove_client_id_from_open_id_connect_provider();
            let call = call.open_id_connect_provider_arn(id).client_id(client);
            call.send().await.op("iam:RemoveClientIDFromOpenIDConnectProvider")?;
        }
        Ok(())
    }
}

async fn get(aws: &Aws, arn: &str) -> Result<Option<Sdk>> {
    let call = aws.iam().get_open_id_connect_provider().open_id_connect_provider_arn(arn);
    found(call.send().await.op("iam:GetOpenIDConnectProvider"))
}

/// An address as AWS keeps it.
fn bare(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

fn live(
    provider: &Sdk,
    arn: &str,
    known: Option<&OpenIdConnectProvider>,
) -> Live<OpenIdConnectProvider> {
    let host = bare(provider.url().unwrap_or_default());
    let declared = known.map(|k| k.url.as_str()).filter(|url| bare(url) == host);
    let clients = provider.client_id_list();
    Live::ready(
        OpenIdConnectProvider {
            url: declared.map_or_else(|| format!("https://{host}"), str::to_owned),
            client_id_list: (!clients.is_empty()).then(|| clients.to_vec()),
            thumbprint_list: Some(provider.thumbprint_list().to_vec()),
            tags: from_sdk(provider.tags()),
        },
        OpenIdConnectProviderOutputs { arn: arn.to_owned() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_comes_back_whole() {
        let sdk = Sdk::builder().url("token.example.com/x").build();
        let live = live(&sdk, "arn", None).inputs;
        assert_eq!((live.url.as_str(), live.client_id_list), ("https://token.example.com/x", None));
    }
}
