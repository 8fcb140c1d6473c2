# The two commands of the README are `make run` and `make test`; the rest is what they are made of.
.PHONY: run test test-long setup train format messages clean

run: setup
	@exec .venv/bin/vejviser serve

test:
	@.ci/test

# What takes minutes and the whole machine: parts killed while residents talk, machines that go away, a language added.
test-long: setup
	@.ci/debian postgresql redis-server nginx iproute2 faketime openssl
	@.venv/bin/vejviser serve --prepare
	@.venv/bin/python -m pytest -q -m long

setup:
	@.ci/setup

train: setup
	@.venv/bin/vejviser serve --prepare

format:
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

# Bring the gettext catalogues up to date with the texts in the code; new ones are empty until translated.
messages:
	@.venv/bin/pybabel -q extract -F babel.cfg -k N_ -k _:1 -k text:1 -k plural:1,2 --no-location --sort-output \
		--project Vejviser --copyright-holder "City of Copenhagen" -o services_catalog/locales/vejviser.pot .
	@for tag in $(basename $(notdir $(wildcard services_catalog/languages/*.yml))); do .venv/bin/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date -D vejviser \
		-i services_catalog/locales/vejviser.pot -d services_catalog/locales -l $$tag; done

clean:
	@rm -rf .venv bot/.venv .tools node_modules var
