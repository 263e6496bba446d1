//! `AWS::EC2::SecurityGroupEgress`.

use ferrocrete_resources::ec2::SecurityGroupEgress as Rule;

super::rules::rule_tests! {
    true,
    maybe_destination_prefix_list_id "destination_prefix_list_id",
    maybe_destination_security_group_id "destination_security_group_id",
    authorize_security_group_egress "ec2:AuthorizeSecurityGroupEgress",
    revoke_security_group_egress
}
