"""Chains: product chains, input–output tables and supplier networks, read and landed as links and figures."""
