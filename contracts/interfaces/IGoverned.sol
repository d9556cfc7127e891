// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What every contract of Sổ Nắng shares: one AccessManager decides who may call what, and a guardian can stop it.
/// @notice Functions marked with a role are closed to everybody else; which role may call which function is set once, at deployment, in the
/// AccessManager and listed in docs/protocol.md. Roles: 1 REGISTRAR, 2 RECORDER, 3 OPERATOR, 4 GUARDIAN, 5 ORACLE_ADMIN.
/// @dev While paused nothing new can be recorded. What only takes power away – revoking, terminating, cancelling, voiding, proving that an
/// oracle lied – stays open, because an incident is when it is needed most.
interface IGoverned {
    /// @notice Stops everything that records something new. Role: GUARDIAN.
    /// @custom:emits Paused(address) of OpenZeppelin's Pausable.
    function pause() external;

    /// @notice Ends a pause. Role: GUARDIAN.
    function unpause() external;
}
