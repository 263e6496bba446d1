//! Lookups of Elastic Load Balancing.

use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::resource::Lookup;
use ferrocrete_resources::elbv2::HostedZoneId;

use crate::world::World;

fn lookup(kind: Option<&str>, region: Option<&str>) -> HostedZoneId {
    HostedZoneId { load_balancer_type: kind.map(str::to_owned), region: region.map(str::to_owned) }
}

#[tokio::test]
async fn hosted_zones_by_region_and_type() {
    let aws = World::in_region("eu-central-1").await.aws().await;
    let zone = async |kind, region| lookup(kind, region).lookup(&aws).await;
    let id = async |kind, region| zone(kind, region).await.unwrap().hosted_zone_id;
    assert_eq!(id(None, None).await, "Z215JYRZR1TBD5");
    assert_eq!(id(Some("network"), None).await, "Z3F0SRJ5LGBH90");
    assert_eq!(id(Some("application"), Some("us-east-1")).await, "Z35SXDOTRQ7X7K");
    let kind = async |kind, region| zone(kind, region).await.unwrap_err().kind;
    assert_eq!(kind(None, Some("mars-1")).await, ErrorKind::NotFound);
    assert_eq!(kind(Some("classic"), None).await, ErrorKind::Invalid);
}
