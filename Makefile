# Names for what people do here; the work is in ./run, ./test and tools/.
.DEFAULT_GOAL := help
.PHONY: help run test build fmt lint asan tsan sim bench clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## install what is missing, build, serve on http://127.0.0.1:8000 (ARGS="--listen ...")
	./run $(ARGS)

test:  ## install what is missing, build, run every suite
	./test

build:  ## build everything: build/exposee and the test programs
	@sh tools/setup.sh test
	tools/build build -DEXPOSEE_TESTS=ON all

fmt:  ## format the C++ in place
	@sh tools/setup.sh lint
	find src tests bench cmake -name '*.cc' -o -name '*.cpp' -o -name '*.h' | xargs clang-format-19 -i

lint:  ## the repository check and clang-tidy
	@sh tools/setup.sh lint
	tools/check-tree
	tools/lint $(ARGS)

asan:  ## unit, contract and simulated suites under the address and undefined-behaviour sanitizers
	@sh tools/setup.sh test
	tools/build build/asan -DEXPOSEE_TESTS=ON -DEXPOSEE_SANITIZE=address,undefined -DEXPOSEE_WERROR=ON suites
	tools/suites build/asan -LE 'e2e|tree' $(ARGS)

tsan:  ## the same under the thread sanitizer
	@sh tools/setup.sh test
	tools/build build/tsan -DEXPOSEE_TESTS=ON -DEXPOSEE_SANITIZE=thread suites
	tools/suites build/tsan -LE 'e2e|tree' $(ARGS)

sim:  ## random stories of the engine, each in every variant: SEED=n tells one, SEEDS=n the first n (10,000)
	@sh tools/setup.sh test
	tools/build build -DEXPOSEE_TESTS=ON sim_test
	SIM_FROM=$(or $(SEED),1) SIM_TO=$(or $(SEED),$(SEEDS),10000) build/tests/sim_test --gtest_brief=1 --gtest_filter='Seeds/RandomStories.*'

bench:  ## measure on this machine (ARGS go to tools/bench)
	tools/bench $(ARGS)

clean:  ## remove what was built; ./exposee-data stays
	rm -rf build tests/e2e/node_modules tests/e2e/clients/python/.venv tests/e2e/clients/go/.cache
