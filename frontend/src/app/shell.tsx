import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Logo } from '../ui/logo.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

/**
 * What the page looks like until its scripts have come. The build draws it into index.html, so it must not need a
 * browser. React replaces it with elements in the same places. An element with `data-only` belongs to one kind of page.
 */
export const Shell = () => (
  <div aria-busy="true">
    <p role="status" className="visually-hidden">
      Loading Cruddur
    </p>
    <div className="layout" inert>
      <div className="bar">
        <span className="brand">
          <Logo />
          <span className="brand-name">Cruddur</span>
        </span>
        <div className="bar-items">
          <BarItem icon="home" label="Home" isHere only="home" />
          <BarItem icon="home" label="Home" only="page" />
          <BarItem icon="search" label="Search" />
          <span className="bar-item phone-only">
            <span className="bar-crud">
              <Icon name="pen" size={24} />
            </span>
            <span className="bar-label">Crud</span>
          </span>
          <BarItem icon="bell" label="Notifications" />
          <BarItem icon="mail" label="Messages" />
          <BarItem icon="person" label="Profile" className="not-phone" />
          <span className="button crud-button not-phone">
            <Icon name="pen" />
            <span className="bar-label">Crud</span>
          </span>
          <BarItem icon="trace" label="Actions" className="rail-only" />
          <BarItem icon="signals" label="Signals" className="not-phone" />
        </div>
        <div className="bar-foot" />
        <div className="account">
          <span className="menu-root">
            <span className="line account-button">
              <span className="account-nobody">
                <Icon name="person" size={24} />
              </span>
            </span>
          </span>
        </div>
      </div>
      <div className="main">
        <div className="page-head" data-only="home">
          <h1>Home</h1>
          <p>Everyone’s cruds, until they expire</p>
        </div>
        <div className="tabs" data-only="home">
          <span className="tab" aria-current="page">
            Everyone
          </span>
          <span className="tab">Following</span>
        </div>
        <div className="home-composer" data-only="home">
          <div className="composer card">
            <span className="composer-nobody">
              <Icon name="person" />
            </span>
            <div className="composer-main">
              <textarea className="composer-text" rows={2} placeholder="What is going on?" />
              <div className="composer-foot" />
            </div>
          </div>
        </div>
        <Skeleton shape="card" count={4} label="" />
      </div>
      <div className="aside">
        <div className="aside-scroll">
          <div className="search-box">
            <Icon name="search" />
            <input placeholder="Search words, #tags, @people" />
          </div>
          <AsideCard className="last-actions" title="Your last actions" />
          <AsideCard className="trends" title="What people write about">
            <Skeleton shape="tag" count={4} label="" />
          </AsideCard>
          <AsideCard className="suggested" title="Who to follow">
            <Skeleton shape="line" count={3} label="" />
          </AsideCard>
        </div>
        <p className="colophon" />
      </div>
    </div>
  </div>
)

type BarItemProps = { icon: IconName; label: string; className?: string; isHere?: boolean; only?: 'home' | 'page' }

const BarItem = ({ icon, label, className = '', isHere = false, only }: BarItemProps) => (
  <span className={`bar-item ${className}`} aria-current={isHere ? 'page' : undefined} data-only={only}>
    <span className="badged">
      <Icon name={icon} size={24} />
    </span>
    <span className="bar-label">{label}</span>
  </span>
)

const AsideCard = ({ className, title, children }: { className: string; title: string; children?: ReactNode }) => (
  <div className={`card ${className}`}>
    <h2>{title}</h2>
    {children}
  </div>
)
