// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How forge is told that only the handler's own actions are to be called.
abstract contract Invariants {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(_handler(), _actions());
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = _handler();
    }

    function _handler() internal view virtual returns (address);

    function _actions() internal pure virtual returns (bytes4[] memory);
}
