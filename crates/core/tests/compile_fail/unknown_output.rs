mod fixture;

fn program(stack: &ferrocrete_core::Stack) {
    let network = stack.add("net", fixture::Network::builder().cidr_block("10.0.0.0/16"));
    stack.export("net", &network.id);
}

fn main() {}
