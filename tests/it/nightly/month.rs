//! A month of nights.
