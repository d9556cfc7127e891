// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IDocumentLog} from "../../interfaces/IDocumentLog.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract AnchorDocumentsTest is World {
    bytes32 private constant ROOT = keccak256("a root");

    function _anchor(uint64 size, bytes32 root) private {
        vm.prank(recorder);
        documents.anchor(size, root);
    }

    function _refuse(uint64 size, bytes32 root, bytes memory revertData) private {
        vm.expectRevert(revertData);
        _anchor(size, root);
    }

    function test_RevertWhen_TheCallerIsNotTheRecorder() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        documents.anchor(1, ROOT);
    }

    function test_RevertWhen_Paused() external {
        pause(documents);
        _refuse(1, ROOT, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_RevertWhen_TheSizeIsNone() external {
        _refuse(0, ROOT, abi.encodeWithSelector(IDocumentLog.LogNotGrown.selector, 0, 0));
    }

    function test_RevertWhen_TheLogHasNotGrown() external {
        _anchor(5, ROOT);
        _refuse(5, ROOT, abi.encodeWithSelector(IDocumentLog.LogNotGrown.selector, 5, 5));
        _refuse(4, keccak256("another"), abi.encodeWithSelector(IDocumentLog.LogNotGrown.selector, 4, 5));
        _anchor(FAR, ROOT);
        _refuse(FAR, ROOT, abi.encodeWithSelector(IDocumentLog.LogNotGrown.selector, FAR, FAR));
    }

    function test_RevertWhen_TheRootIsNone() external {
        _refuse(1, 0, abi.encodeWithSelector(IDocumentLog.NoRoot.selector, 1));
    }

    function test_When_TheLogHasGrown() external {
        (uint64 size, bytes32 root) = documents.latest();
        vm.assertEq(size, 0, "no size at first");
        vm.assertEq(root, 0, "and no root");
        _anchor(3, ROOT);
        vm.expectEmit(address(documents));
        emit IDocumentLog.LogAnchored(8, keccak256("a later root"));
        _anchor(8, keccak256("a later root"));
        (size, root) = documents.latest();
        vm.assertEq(size, 8, "the larger size is the latest");
        vm.assertEq(root, keccak256("a later root"), "with its root");
        vm.assertEq(documents.rootOf(3), ROOT, "the earlier root stays");
        vm.assertEq(documents.rootOf(5), 0, "between them nothing was anchored");
    }
}
