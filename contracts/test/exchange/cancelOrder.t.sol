// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../interfaces/IExchange.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys} from "../support/Keys.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract CancelOrderTest is Market {
    using Keys for Key;

    bytes32 private constant ORDER = keccak256("an order");

    function _digest(bytes32 party, bytes32 order, uint64 deadline) private view returns (bytes32) {
        return digestOf(address(exchange), twin.hashCancelOrder(party, order, deadline));
    }

    function _cancel(Key memory key, bytes memory signature) private {
        vm.prank(stranger);
        exchange.cancelOrder(HOME, ORDER, FAR, key.signer, signature);
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        uint64 deadline = uint64(block.timestamp) - 1;
        bytes memory signature = homeKey.sign(_digest(HOME, ORDER, deadline));
        vm.expectRevert(abi.encodeWithSelector(ISigned.DeadlinePassed.selector, deadline, block.timestamp));
        exchange.cancelOrder(HOME, ORDER, deadline, homeKey.signer, signature);
    }

    function test_RevertWhen_TheOrderIsCancelledAlready() external {
        bytes memory signature = homeKey.sign(_digest(HOME, ORDER, FAR));
        _cancel(homeKey, signature);
        vm.expectRevert(abi.encodeWithSelector(IExchange.OrderAlreadyCancelled.selector, HOME, ORDER, block.timestamp));
        _cancel(homeKey, signature);
    }

    function test_RevertWhen_TheSignerDoesNotStandForTheParty() external {
        bytes32 digest = _digest(HOME, ORDER, FAR);
        bytes memory signature = utilityKey.sign(digest);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, utilityKey.signer, digest));
        _cancel(utilityKey, signature);
    }

    function test_RevertWhen_TheSignatureIsForAnotherOrder() external {
        bytes memory signature = homeKey.sign(_digest(HOME, keccak256("another order"), FAR));
        bytes32 digest = _digest(HOME, ORDER, FAR);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, homeKey.signer, digest));
        _cancel(homeKey, signature);
    }

    function test_When_ThePartySigned() external {
        bytes memory signature = homeKey.sign(_digest(HOME, ORDER, FAR));
        pause(exchange);
        vm.expectEmit(address(exchange));
        emit IExchange.OrderCancelled(HOME, ORDER, uint64(block.timestamp));
        _cancel(homeKey, signature);
        vm.assertEq(exchange.cancelledAt(HOME, ORDER), block.timestamp, "cancelled in this block");
        vm.assertEq(exchange.cancelledAt(UTILITY, ORDER), 0, "only for this party");
    }
}
